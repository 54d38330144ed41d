import { LazuliError } from '../../config/errors.ts';
import type { ClusterAnswer } from '../sink/search-cluster.ts';

/** The body of an answer. @throws LazuliError `index_unavailable` where it is no success */
export async function checked(request: ClusterAnswer | Promise<ClusterAnswer>, what: string): Promise<unknown> {
  const { status, body } = await request;
  if (status >= 200 && status < 300) return body;
  throw new LazuliError(
    'index_unavailable',
    `OpenSearch refused to ${what}: ${status} ${JSON.stringify(body).slice(0, 500)}`,
    {
      remedy: 'Mend the cause named by OpenSearch; `lazuli status` shows when work goes on.',
    },
  );
}
