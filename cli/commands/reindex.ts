import { Command, Option } from 'commander';
import { LazuliError } from '../../core/config/errors.ts';
import { shownIssues } from '../../core/config/issues.ts';
import type { Settings } from '../../core/config/settings.ts';
import { isRestricted } from '../../core/config/sources.ts';
import { type Run, type RunOptions, runOptionsSchema } from '../../core/runs/run.ts';
import { json, type Output, printResult } from '../output.ts';
import { type CatalogState, listRuns, startReindex, startRun, transformStatus } from '../pipeline/workers.ts';
import { chooseCatalog, loadSettings, type SettingsOptions, withSettings } from '../settings.ts';
import { Pace } from '../up/progress.ts';
import { sayWhatIf } from './forecast.ts';
import { stageOf } from './runs.ts';

const pollMillis = 500;
/** The worker finishes what it is at before it begins. */
const beginMillis = 120_000;

interface ReindexOptions extends SettingsOptions {
  readonly catalog?: string;
  readonly from?: string;
  readonly source?: string;
  readonly prefix?: string;
  readonly wait: boolean;
  readonly dryRun?: true;
  readonly json?: true;
}

/** `lazuli reindex`: a fresh set of indices from the staged batches, or from the repository; or a repair of some documents. */
export function reindexCommand(output: Output): Command {
  const command = new Command('reindex')
    .description('Compute every document of a catalog again into a fresh set of indices; or those of some bundles.')
    .option('--catalog <name>', 'the catalog; not needed where there is only one')
    .addOption(
      new Option('--from <where>', 'what is read; the repository takes the place of what is staged')
        .choices(['staged', 'repository'])
        .default('staged'),
    )
    .option('--source <glob>', 'only bundles of sources whose id or spec matches; * and ? stand for any characters')
    .option('--prefix <hex>', 'only bundles whose uuid begins so: at most 8 hex digits')
    .option('--no-wait', 'return when it has begun')
    .option('--dry-run', 'tell what would be done and changed; change nothing')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
The present indices serve until the new ones are complete.

--from repository fetches all that the repository lists and stages it anew. When that is whole it takes the place of
what was staged before: deletions, and bundles that the repository has no more, don't carry over; what was notified
since the run began does. With --source or --prefix that goes for such bundles alone.

--source and --prefix without it write the documents again that such bundles have a part in, where they are.

Examples:
  lazuli reindex --catalog hca
  lazuli reindex --catalog hca --dry-run
  lazuli reindex --from repository --source '*lungmap*'
  lazuli reindex --source 42848d8f-ecdc-5b32-a667-a7b5aedfc9f5 --prefix 0f
  lazuli reindex --catalog hca --no-wait && lazuli status --watch`,
    );
  return withSettings(command).action(async (options: ReindexOptions) => {
    const settings = await loadSettings(options);
    const catalog = chooseCatalog(settings, options.catalog);
    const wanted = runOptionsOf(options);
    if (options.dryRun) return sayWhatIf(settings, catalog, { wanted, asJson: options.json === true }, output);
    if (wanted.from === 'repository' || isRestricted(wanted)) {
      const run = await startRun(settings, catalog, wanted);
      return follow(settings, run, options, output);
    }
    const before = (await stateOf(settings, catalog)).generation;
    await startReindex(settings, catalog);
    if (!options.wait) return printResult(output, options.json, { catalog, state: 'running' }, `reindexing ${catalog}`);
    const result = await untilServing(settings, catalog, before, options.json ? output.err : output.out);
    if (options.json) output.data(json({ catalog, state: 'done', ...result }));
    else output.out(`reindexed ${catalog}: ${result.documents} documents, generation ${result.generation} serves`);
  });
}

/** @throws LazuliError `usage` */
function runOptionsOf({ from, source, prefix }: ReindexOptions): RunOptions {
  const { data, error } = runOptionsSchema.safeParse({ from, source, prefix: prefix?.toLowerCase() });
  if (data !== undefined) return data;
  throw new LazuliError('usage', shownIssues(error), { remedy: '`lazuli reindex --help` shows examples.' });
}

/** @throws LazuliError `unavailable` where the run doesn't succeed */
async function follow(settings: Settings, run: Run, { wait, json: asJson }: ReindexOptions, output: Output) {
  const { catalog, id } = run;
  if (!wait) return printResult(output, asJson, run, `run ${id} of ${catalog} has begun`);
  const ended = await untilEnded(settings, run, asJson ? output.err : output.out);
  if (ended.state !== 'succeeded') throw failed(catalog, `run ${id} is ${ended.state}. ${ended.failure ?? ''}`.trim());
  const what = `${ended.documents.done} documents, generation ${ended.generation} serves`;
  printResult(output, asJson, ended, `${ended.kind === 'repair' ? 'repaired' : 'reindexed'} ${catalog}: ${what}`);
}

/** Says how far a run is until it has ended. A worker that is started again goes on with it. */
async function untilEnded(settings: Settings, begun: Run, say: (line: string) => void): Promise<Run> {
  for (let last = '', run = begun; ; ) {
    if (run.ended !== null) return run;
    const line = stageOf(run);
    if (line !== last) say(line);
    last = line;
    await new Promise((resolve) => setTimeout(resolve, pollMillis));
    run = (await listRuns(settings, begun.catalog)).find(({ id }) => id === begun.id) ?? run;
  }
}

async function stateOf(settings: Settings, catalog: string): Promise<CatalogState> {
  const state = (await transformStatus(settings)).catalogs[catalog];
  if (state !== undefined) return state;
  throw failed(catalog, 'the transform worker does not know the catalog');
}

/** A new generation serves at the end, and lacks nothing; a run that ends otherwise has failed. What can't go on is tried again. */
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
    if (generation !== null && generation !== before && !isAtIt) {
      if (state.failure !== null) throw failed(catalog, state.failure);
      return { generation, documents: documents ?? 0 };
    }
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
  return new LazuliError('unavailable', `Reindexing ${catalog} failed: ${why.replace(/\.$/, '')}.`, {
    remedy: 'The log of the transform worker and `lazuli runs show` say more; searches are answered still.',
  });
}
