import * as pulumi from '@pulumi/pulumi';
import { z } from 'zod';
import type { Setting } from './component.ts';
import type { Keys } from './keys.ts';
import { Network, type Place } from './network.ts';
import { Search, type SearchDomain } from './search.ts';

/** What a stack tells those that share its domain, as the output `shared`. */
const sharedSchema = z.object({
  vpcId: z.string(),
  publicSubnetIds: z.array(z.string()),
  privateSubnetIds: z.array(z.string()),
  endpoints: z.object({ group: z.string(), s3: z.string(), dynamodb: z.string() }),
  endpoint: z.url(),
  domain: z.string(),
  users: z.record(z.string(), z.string()),
  usersKey: z.string(),
});

/**
 * Network and search domain: the stack's own, or those of the stack that it shares them with. There a
 * stack has users, and a prefix of index names, of its own.
 */
export function placeAndSearch(
  setting: Setting,
  keys: Keys,
  options: pulumi.ComponentResourceOptions,
): { readonly place: Place; readonly search: SearchDomain } {
  const { search } = setting.stack;
  if ('sharedWith' in search) return sharedOf(search.sharedWith, setting.names.stack);
  const place = new Network(setting, options);
  return { place, search: new Search(setting, search, keys, place, options) };
}

function sharedOf(owner: string, stack: string): { readonly place: Place; readonly search: SearchDomain } {
  const shared = new pulumi.StackReference(owner).requireOutput('shared').apply((output) => sharedBy(owner, output));
  const { vpcId, publicSubnetIds, privateSubnetIds, endpoints, endpoint, domain, usersKey } = shared;
  const users = shared.users.apply((all) => {
    const own = all[stack];
    if (own === undefined) throw notTenant(owner, stack);
    return own;
  });
  return {
    place: { vpcId, publicSubnetIds, privateSubnetIds, endpoints },
    search: { endpoint, domain, users, usersKey },
  };
}

/** A stack of a former version tells less. */
function sharedBy(owner: string, output: unknown): z.output<typeof sharedSchema> {
  const parsed = sharedSchema.safeParse(output);
  if (parsed.success) return parsed.data;
  const lacking = parsed.error.issues.map(({ path }) => path.join('.'));
  throw new pulumi.RunError(
    `lazuli:stack.search.sharedWith: the stack ${owner} does not tell of what is shared: ${lacking.join(', ')}\n` +
      `remedy: Deploy ${owner} with this version first.`,
  );
}

function notTenant(owner: string, stack: string): pulumi.RunError {
  return new pulumi.RunError(
    `lazuli:stack.search.sharedWith: the stack ${owner} has no users for '${stack}' in its domain\n` +
      `remedy: Add '${stack}' to search.tenants in its file, deploy it, and run infra/bootstrap.sh for it.`,
  );
}
