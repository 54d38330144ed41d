import * as iam from '@pulumi/aws/iam/index.js';
import { Provider } from '@pulumi/aws/provider.js';
import type { Region } from '@pulumi/aws/types/enums/index.js';
import * as pulumi from '@pulumi/pulumi';
import { z } from 'zod';
import { policy, type Statement } from '../permissions/policy.ts';
import { boundaryName, boundaryStatements } from './boundary.ts';
import { type AccountConfiguration, accountSchema } from './configuration.ts';
import { deployStatements, issuer, previewStatements, trustOf } from './pipeline.ts';

/** As long as a deployment takes, in seconds. */
const sessionSeconds = 7200;

/**
 * What the stacks of an account have in common: the boundary of their roles, and the roles of the pipeline that deploys
 * them. An administrator makes it, once, and whenever it changes.
 *
 * @param input the object `lazuli-account:account` of the account's file
 * @returns ARNs: of the boundary, and of the role of each environment of the pipeline
 * @throws RunError where the configuration is wrong
 */
export function prepareAccount(input: unknown) {
  const configuration = parsed(input);
  const { account, region, owner, billing, stacks } = configuration;
  const tags = { project: 'lazuli', owner, billing };
  const guarded = { region: region as Region, allowedAccountIds: [account], defaultTags: { tags } };
  const options = { provider: new Provider('lazuli-account-aws', guarded) };
  const boundary = new iam.Policy(
    boundaryName,
    { name: boundaryName, policy: policy(boundaryStatements(account)) },
    { ...options, protect: true },
  );
  const provider = new iam.OpenIdConnectProvider(
    'pipeline',
    { url: `https://${issuer}`, clientIdLists: ['sts.amazonaws.com'] },
    options,
  );
  const role = (environment: string, statements: readonly Statement[]) => {
    // Not called after Lazuli as roles of stacks are, which a deployment may change.
    const name = `pipeline-lazuli-${environment}`;
    const made = new iam.Role(
      name,
      { name, assumeRolePolicy: policy([trustOf(configuration, environment)]), maxSessionDuration: sessionSeconds },
      { ...options, dependsOn: [provider] },
    );
    new iam.RolePolicy(name, { name, role: made.id, policy: policy(statements) }, options);
    return [environment, made.arn] as const;
  };
  const roles = stacks.flatMap((stack) => [
    role(stack, deployStatements(configuration)),
    role(`${stack}-preview`, previewStatements(configuration)),
  ]);
  return { boundary: boundary.arn, roles: Object.fromEntries(roles) };
}

function parsed(input: unknown): AccountConfiguration {
  const result = accountSchema.safeParse(input ?? {});
  if (result.success) return result.data;
  throw new pulumi.RunError(
    `lazuli-account:account: ${z.prettifyError(result.error)}\nremedy: Correct it in the file of the account's stack.`,
  );
}
