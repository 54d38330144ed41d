import { writeFile } from 'node:fs/promises';
import type { FormatJob, Written } from './format.ts';
import { oneLine } from './lines.ts';

/** SQL of a line. */
const line = `concat('{"value":', ${oneLine('contents')}, ',"type":', to_json(replica_type), '}', chr(10))`;

/** A line for each verbatim entity (specification, manifests 8.3). DuckDB makes them. */
export async function writeVerbatimJsonl(job: FormatJob): Promise<Written> {
  let rows = 0;
  async function* lines(): AsyncGenerator<Buffer> {
    for await (const some of job.selection.replicas(line)) {
      rows += some.length;
      yield Buffer.concat(some);
    }
  }
  await writeFile(job.file, lines(), { signal: job.signal });
  job.onProgress(job.selection.rows);
  return { rows, name: null };
}
