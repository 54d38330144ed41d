import { Command } from 'commander';
import { LazuliError } from '../../config/errors.ts';
import type { Settings } from '../../config/settings.ts';
import { json, type Output } from '../output.ts';
import { type CatalogState, startReindex, transformStatus } from '../pipeline/workers.ts';
import { chooseCatalog, loadSettings, type SettingsOptions, withSettings } from '../settings.ts';
import { Pace } from '../up/progress.ts';
import { sayForecast } from './forecast.ts';

const pollMillis = 500;
/** The worker finishes what it is at before it begins. */
const beginMillis = 120_000;

interface ReindexOptions extends SettingsOptions {
  readonly catalog?: string;
  readonly wait: boolean;
  readonly dryRun?: true;
  readonly json?: true;
}

/** `lazuli reindex`: a fresh set of indices from the staged batches. */
export function reindexCommand(output: Output): Command {
  const command = new Command('reindex')
    .description('Compute every document of a catalog again, from its staged batches, into a fresh set of indices.')
    .option('--catalog <name>', 'the catalog; not needed where there is only one')
    .option('--no-wait', 'return when it has begun')
    .option('--dry-run', 'tell what would be written, what would vanish, appear and change, and how long it would take')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
The repository is not asked. The present indices serve until the new ones are complete.

Examples:
  lazuli reindex --catalog hca
  lazuli reindex --catalog hca --dry-run
  lazuli reindex --catalog hca --no-wait && lazuli status --watch`,
    );
  return withSettings(command).action(async (options: ReindexOptions) => {
    const settings = loadSettings(options);
    const catalog = chooseCatalog(settings, options.catalog);
    if (options.dryRun) return sayForecast(settings, catalog, options.json === true, output);
    const before = (await stateOf(settings, catalog)).generation;
    await startReindex(settings, catalog);
    if (!options.wait) return output.out(options.json ? json({ catalog, state: 'running' }) : `reindexing ${catalog}`);
    const result = await untilServing(settings, catalog, before, options.json ? output.err : output.out);
    if (options.json) output.out(json({ catalog, state: 'done', ...result }));
    else output.out(`reindexed ${catalog}: ${result.documents} documents, generation ${result.generation} serves`);
  });
}

async function stateOf(settings: Settings, catalog: string): Promise<CatalogState> {
  const state = (await transformStatus(settings)).catalogs[catalog];
  if (state !== undefined) return state;
  throw failed(catalog, 'the transform worker does not know the catalog');
}

/** A new generation serves at the end; a run that ends without one has failed. What can't go on is tried again. */
async function untilServing(
  settings: Settings,
  catalog: string,
  before: number | null,
  say: (line: string) => void,
): Promise<{ generation: number; documents: number }> {
  const pace = new Pace(Date.now);
  const deadline = Date.now() + beginMillis;
  let documents: number | null = null;
  for (let last = ''; ; ) {
    const state = await stateOf(settings, catalog);
    const { generation, rebuild } = state;
    const isAtIt = rebuild !== null || ['rebuilding', 'paused'].includes(state.state);
    if (generation !== null && generation !== before && !isAtIt) return { generation, documents: documents ?? 0 };
    if (!isAtIt && documents !== null) throw failed(catalog, state.failure ?? 'it ended early');
    if (!isAtIt && Date.now() > deadline) throw failed(catalog, 'it did not begin');
    documents = rebuild?.expected ?? documents;
    const line = describe(state, pace);
    if (line !== last) say(line);
    last = line;
    await new Promise((resolve) => setTimeout(resolve, pollMillis));
  }
}

function describe({ rebuild, pause }: CatalogState, pace: Pace): string {
  if (pause !== null) return `paused: ${pause.reason}`;
  if (rebuild === null) return 'waiting';
  return pace.describe({ name: 'indexed', unit: 'documents', done: rebuild.done, total: rebuild.expected });
}

function failed(catalog: string, why: string): LazuliError {
  return new LazuliError('unavailable', `Reindexing ${catalog} failed: ${why}.`, {
    remedy: 'The log of the transform worker says more; the former indices still serve.',
  });
}
