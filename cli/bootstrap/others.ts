import { z } from 'zod';
import { deploymentOfIndex, deploymentOfUser } from '../../config/search-names.ts';
import type { SearchCluster } from '../../transform/sink/search-cluster.ts';
import { expectDone } from './answers.ts';
import { security } from './security.ts';

/** Kinds of things of the security plug-in. Users go first: who can't sign in writes no more. */
const kinds = ['internalusers', 'rolesmapping', 'roles'] as const;
const named = z.record(z.string(), z.unknown());
const listed = z.array(z.looseObject({ index: z.string() }));

/**
 * Removes what deployments have left in a search domain that share it no more: users, roles and indices whose names are
 * those of a deployment. Whatever is named otherwise stays.
 *
 * @param deployments that use the domain
 * @param removed called with the path of each thing that was there and is gone
 */
export async function removeOthers(
  cluster: SearchCluster,
  deployments: readonly string[],
  removed: (path: string) => void,
): Promise<void> {
  const isOther = (deployment: string | null) => deployment !== null && !deployments.includes(deployment);
  const remove = async (path: string) => {
    const answer = await cluster.request('DELETE', path);
    if (answer.status === 404) return;
    expectDone('DELETE', path, answer);
    removed(path);
  };
  for (const kind of kinds) {
    const path = `${security}/${kind}`;
    const found = named.parse(expectDone('GET', path, await cluster.request('GET', path)));
    for (const name of Object.keys(found)) if (isOther(deploymentOfUser(name))) await remove(`${path}/${name}`);
  }
  const path = '/_cat/indices/lazuli_*';
  const query = { format: 'json', h: 'index', expand_wildcards: 'all' };
  const indices = listed.parse(expectDone('GET', path, await cluster.request('GET', path, undefined, query)));
  for (const { index } of indices) if (isOther(deploymentOfIndex(index))) await remove(`/${index}`);
}
