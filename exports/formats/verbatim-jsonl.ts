import { writeFile } from 'node:fs/promises';
import type { FormatJob, Written } from './format.ts';
import { oneLine } from './lines.ts';

/** A line for each verbatim entity (specification, manifests 8.3). */
export async function writeVerbatimJsonl(job: FormatJob): Promise<Written> {
  let rows = 0;
  async function* lines(): AsyncGenerator<string> {
    for await (const replicas of job.selection.replicas()) {
      rows += replicas.length;
      yield replicas
        .map(({ type, contents }) => `{"value":${oneLine(contents)},"type":${JSON.stringify(type)}}\n`)
        .join('');
    }
  }
  await writeFile(job.file, lines(), { signal: job.signal });
  job.onProgress(job.selection.rows);
  return { rows, name: null };
}
