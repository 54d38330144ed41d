import { z } from 'zod';
import { isIndexMissing } from '../../core/search/search-answers.ts';
import { acknowledged, checked } from '../../transform/sink/answers.ts';
import type { SearchCluster } from '../../transform/sink/search-cluster.ts';

/** To a change: of the cluster and its indices, or of the security plug-in. */
const done = z.union([acknowledged, z.object({ status: z.enum(['OK', 'CREATED']), message: z.string() })]);
const notFound = z.object({ status: z.literal('NOT_FOUND') });

/** Makes or changes something as the master user. @returns the status @throws LazuliError `index_unavailable` */
export async function put(cluster: SearchCluster, path: string, body: object): Promise<number> {
  const answer = await cluster.request('PUT', path, body);
  await checked(answer, `PUT ${path}, as its master user`, done);
  return answer.status;
}

/** Removes something. @returns whether it was there @throws LazuliError `index_unavailable` */
export async function remove(cluster: SearchCluster, path: string): Promise<boolean> {
  const answer = await cluster.request('DELETE', path);
  const { status, body } = answer;
  if (status === 404 && (isIndexMissing(status, body) || notFound.safeParse(body).success)) return false;
  await checked(answer, `DELETE ${path}, as its master user`, done);
  return true;
}
