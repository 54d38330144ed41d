import { z } from 'zod';
import { deploymentOfIndex, deploymentOfUser } from '../../core/config/search-names.ts';
import { checked } from '../../transform/sink/answers.ts';
import type { SearchCluster } from '../../transform/sink/search-cluster.ts';
import { remove } from './answers.ts';
import { security } from './security.ts';

/** Kinds of things of the security plug-in. Users go first: who can't sign in writes no more. */
const kinds = ['internalusers', 'rolesmapping', 'roles'] as const;
/** There are some of each kind: those of the deployments that use the domain. */
const named = z.record(z.string(), z.object()).refine((found) => Object.keys(found).length > 0);
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
  const removeAt = async (path: string) => {
    if (await remove(cluster, path)) removed(path);
  };
  for (const kind of kinds) {
    const path = `${security}/${kind}`;
    const found = await checked(cluster.request('GET', path), `GET ${path}, as its master user`, named);
    for (const name of Object.keys(found)) if (isOther(deploymentOfUser(name))) await removeAt(`${path}/${name}`);
  }
  const path = '/_cat/indices/lazuli_*';
  const query = { format: 'json', h: 'index', expand_wildcards: 'all' };
  const listing = cluster.request('GET', path, undefined, query);
  const indices = await checked(listing, `GET ${path}, as its master user`, listed);
  for (const { index } of indices) if (isOther(deploymentOfIndex(index))) await removeAt(`/${index}`);
}
