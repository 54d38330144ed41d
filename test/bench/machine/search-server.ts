import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { startOpenSearch } from '../../../cli/engines/opensearch.ts';
import { onCore } from './proc.ts';

/** MiB; stated in the results */
export const serverHeap = 2048;

/** A search server of the benchmarks' own. */
export interface SearchServer {
  readonly url: string;
  readonly pid: number;
}

/** Runs `work` with a fresh OpenSearch, pinned to a core where one is given. */
export async function withSearchServer<T>(
  { folder, core, say }: { folder: string; core?: number; say: (line: string) => void },
  work: (server: SearchServer) => Promise<T>,
): Promise<T> {
  const start = () =>
    startOpenSearch({
      folder: join(folder, 'opensearch'),
      log: join(folder, 'opensearch.log'),
      cluster: `lazuli-bench-${randomBytes(6).toString('hex')}`,
      heap: serverHeap,
      say,
      started: (child) => process.prependOnceListener('exit', () => child.kill()),
    });
  const { url, child } = core === undefined ? await start() : await onCore(core, start);
  try {
    return await work({ url, pid: child.identity.pid });
  } finally {
    await child.stop();
  }
}
