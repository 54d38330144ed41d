import { Command, Option } from 'commander';
import { LazuliError } from '../../core/config/errors.ts';
import { shownIssues } from '../../core/config/issues.ts';
import type { Settings } from '../../core/config/settings.ts';
import { isRestricted } from '../../core/config/sources.ts';
import { type RunOptions, runOptionsSchema } from '../../core/runs/run.ts';
import { noticeOf } from '../former-names.ts';
import { json, type Output, printResult } from '../output.ts';
import { type CatalogState, startReindex, startRun, transformStatus } from '../pipeline/workers.ts';
import { chooseCatalog, loadSettings, type SettingsOptions, withSettings } from '../settings.ts';
import { Pace } from '../up/progress.ts';
import { failed, follow, pollMillis } from './following.ts';
import { sayWhatIf } from './forecast.ts';
import { recompute } from './recompute.ts';

/** The worker finishes its current step before it begins. */
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

/** `lazuli reindex`: starts a run that builds a fresh set of indices, from the staged batches or from the repository. */
export function reindexCommand(output: Output): Command {
  const command = new Command('reindex')
    .description('Build a fresh set of indices with every document of a catalog, and let it serve.')
    .option('--catalog <name>', 'the catalog; not needed where there is only one')
    .addOption(
      new Option('--from <where>', 'what to read; what the repository lists replaces what is staged')
        .choices(['staged', 'repository'])
        .default('staged'),
    )
    .option(
      '--source <glob>',
      'from the repository: only bundles of sources whose id or spec matches; * and ? are wildcards',
    )
    .option('--prefix <hex>', 'from the repository: only bundles whose uuid begins so; at most 8 hex digits')
    .option('--no-wait', 'return when it has begun')
    .option('--dry-run', 'show what would be done and changed; change nothing')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
The present indices serve until the new ones are complete and verified.

--from repository fetches everything that the repository lists and stages it. Once that is complete, it replaces what
was staged before. Earlier deletions don't carry over, nor do bundles that the repository no longer has; what was
notified since the run began does. --source or --prefix restrict all of that to such bundles.

To compute some documents again without building new indices, use \`lazuli recompute\`.

Examples:
  lazuli reindex --catalog hca
  lazuli reindex --catalog hca --dry-run
  lazuli reindex --from repository --source '*lungmap*'
  lazuli reindex --catalog hca --no-wait && lazuli status --watch`,
    );
  return withSettings(command).action(async (options: ReindexOptions) => {
    const settings = await loadSettings(options);
    const catalog = chooseCatalog(settings, options.catalog);
    const wanted = runOptionsOf(options);
    if (wanted.from === 'staged' && isRestricted(wanted)) {
      noticeOf('lazuli reindex --source or --prefix', 'lazuli recompute', output);
      return recompute(settings, catalog, wanted, options, output);
    }
    if (options.dryRun) return sayWhatIf(settings, catalog, { wanted, asJson: options.json === true }, output);
    if (wanted.from === 'repository') {
      const run = await startRun(settings, catalog, wanted);
      return follow(settings, run, 'reindexed', options, output);
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
