import { LazuliError } from '../../config/errors.ts';
import type { ClusterAnswer } from '../../transform/sink/search-cluster.ts';

/** The body of an answer to the master user. @throws LazuliError `index_unavailable` where it is no success */
export function expectDone(method: string, path: string, { status, body }: ClusterAnswer): unknown {
  if (status < 300) return body;
  throw new LazuliError(
    'index_unavailable',
    `OpenSearch answered ${status} to ${method} ${path}: ${JSON.stringify(body)?.slice(0, 500)}`,
    {
      remedy: 'Check that the domain has fine-grained access control, and that the user is its master user.',
    },
  );
}
