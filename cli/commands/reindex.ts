import { Command } from 'commander';
import { LazuliError } from '../../config/errors.ts';
import type { Settings } from '../../config/settings.ts';
import { json, type Output } from '../output.ts';
import { type ReindexState, startReindex, transformStatus } from '../pipeline/workers.ts';
import { chooseCatalog, loadSettings, type SettingsOptions, withSettings } from '../settings.ts';
import { Pace } from '../up/progress.ts';

const pollMillis = 500;

interface ReindexOptions extends SettingsOptions {
  readonly catalog?: string;
  readonly wait: boolean;
  readonly json?: true;
}

/** `lazuli reindex`: a fresh set of indices from the staged batches. */
export function reindexCommand(output: Output): Command {
  const command = new Command('reindex')
    .description('Compute every document of a catalog again, from its staged batches, into a fresh set of indices.')
    .option('--catalog <name>', 'the catalog; not needed where there is only one')
    .option('--no-wait', 'return when it has begun')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
The repository is not asked. The present indices serve until the new ones are complete.

Examples:
  lazuli reindex --catalog hca
  lazuli reindex --catalog hca --no-wait && lazuli status --watch`,
    );
  return withSettings(command).action(async (options: ReindexOptions) => {
    const settings = loadSettings(options);
    const catalog = chooseCatalog(settings, options.catalog);
    await startReindex(settings, catalog);
    const result = options.wait ? await untilDone(settings, catalog, options.json ? output.err : output.out) : null;
    if (options.json) output.out(json({ catalog, ...(result ?? { state: 'running' }) }));
    else output.out(result === null ? `reindexing ${catalog}` : `reindexed ${catalog}: ${result.total} documents`);
  });
}

async function untilDone(settings: Settings, catalog: string, say: (line: string) => void): Promise<ReindexState> {
  const pace = new Pace(Date.now);
  for (let last = ''; ; ) {
    const reindex = (await transformStatus(settings)).catalogs[catalog]?.reindex;
    if (reindex === null || reindex === undefined) throw failed(catalog, 'the worker knows of no run');
    if (reindex.state === 'failed') throw failed(catalog, reindex.message ?? 'the worker does not say why');
    if (reindex.state === 'done') return reindex;
    const line = pace.describe({ name: 'indexed', done: reindex.done, total: reindex.total });
    if (line !== last) say(line);
    last = line;
    await new Promise((resolve) => setTimeout(resolve, pollMillis));
  }
}

function failed(catalog: string, why: string): LazuliError {
  return new LazuliError('unavailable', `Reindexing ${catalog} failed: ${why}.`, {
    remedy: 'The log of the transform worker says more; the former indices still serve.',
  });
}
