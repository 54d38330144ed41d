import { Command, Option } from 'commander';
import { LazuliError } from '../../core/config/errors.ts';
import { shownIssues } from '../../core/config/issues.ts';
import type { Settings } from '../../core/config/settings.ts';
import { isRestricted } from '../../core/config/sources.ts';
import { ownerOf } from '../../core/control/workers.ts';
import { mostBuilders, type RunOptions, runOptionsSchema } from '../../core/runs/run.ts';
import { noticeOf } from '../former-names.ts';
import type { Output } from '../output.ts';
import { chooseCatalog, loadSettings, type SettingsOptions, wholeNumber, withSettings } from '../settings.ts';
import { begunInTurn, follow } from './following.ts';
import { sayWhatIf } from './forecast.ts';
import { notifyMissing } from './missing.ts';
import { recompute } from './recompute.ts';

interface ReindexOptions extends SettingsOptions {
  readonly catalog?: string;
  readonly from?: string;
  readonly source?: string;
  readonly prefix?: string;
  readonly changed?: true;
  readonly builders?: number;
  readonly wait: boolean;
  readonly dryRun?: true;
  readonly missing?: true;
  readonly acceptVanished?: true;
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
    .option('--changed', 'from the repository: only sources that no run has staged as a whole; those that are gone go')
    .option('--missing', 'from the repository: build nothing, but notify of what was never notified')
    .option('--accept-vanished', 'with --missing: more than 1 % of the bundles may be deleted')
    .option('--builders <n>', 'have so many builders help the owner of the catalog', wholeNumber(0, mostBuilders))
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

--changed is for sources that never change, such as snapshots of the Terra Data Repository, once the configuration names
others. What was staged as a whole stays as it is and isn't read.

--missing makes good what a repository didn't notify of, such as callbacks that were lost. It compares what the repository
lists with what is staged. It notifies the indexer of bundles that it lacks, and of deletions of those that the repository
no longer has. Nothing is staged that is already there, no indices are built, and it returns when the indexer has
accepted all. A bundle that was deleted here stays so. After an interruption, run it again.

With --builders, other processes compute and write the documents: \`lazuli run builder\`. A local stack, and a stack in AWS,
start as many for the run. As long as there is none, the owner of the catalog works alone.

To compute some documents again without building new indices, use \`lazuli recompute\`.

Examples:
  lazuli reindex --catalog hca
  lazuli reindex --catalog hca --dry-run
  lazuli reindex --catalog hca --builders 4
  lazuli reindex --from repository --source '*lungmap*'
  lazuli reindex --from repository --changed
  lazuli reindex --from repository --missing --dry-run
  lazuli reindex --catalog hca --no-wait && lazuli status --watch`,
    );
  return withSettings(command).action(async (options: ReindexOptions) => {
    const settings = await loadSettings(options);
    const catalog = chooseCatalog(settings, options.catalog);
    const wanted = runOptionsOf(options);
    if (options.missing) return missing(settings, catalog, wanted, options, output);
    if (wanted.from === 'staged' && isRestricted(wanted)) {
      noticeOf('lazuli reindex --source or --prefix', 'lazuli recompute', output);
      return recompute(settings, catalog, wanted, options, output);
    }
    if (options.dryRun) return sayWhatIf(settings, catalog, { wanted, asJson: options.json === true }, output);
    const owner = ownerOf(settings, catalog);
    const start = () => owner.startRun({ catalog, ...wanted });
    const isBrief = wanted.from === 'staged';
    const run = isBrief && options.wait ? await begunInTurn(start, options.json, output) : await start();
    await follow(owner, run, { done: 'reindexed', isBrief }, options, output);
  });
}

/** @throws LazuliError `usage` where something else is to be read */
function missing(
  settings: Settings,
  catalog: string,
  { from, source, prefix }: RunOptions,
  options: ReindexOptions,
  output: Output,
): Promise<void> {
  if (options.changed)
    throw new LazuliError('usage', '--changed and --missing exclude each other.', { remedy: 'Leave out one of them.' });
  if (from === 'staged')
    throw new LazuliError('usage', '--missing compares with the repository.', {
      remedy: 'Say --from repository, too.',
    });
  const dryRun = options.dryRun === true;
  const acceptsVanished = options.acceptVanished === true;
  const asJson = options.json === true;
  return notifyMissing(settings, catalog, { restriction: { source, prefix }, dryRun, acceptsVanished, asJson }, output);
}

/** @throws LazuliError `usage` */
function runOptionsOf({ from, source, prefix, changed, builders }: ReindexOptions): RunOptions {
  if (changed && from !== 'repository')
    throw new LazuliError('usage', '--changed is for --from repository.', { remedy: 'Add --from repository.' });
  const { data, error } = runOptionsSchema.safeParse({
    from,
    source,
    prefix: prefix?.toLowerCase(),
    changed,
    builders,
  });
  if (data !== undefined) return data;
  throw new LazuliError('usage', shownIssues(error), { remedy: '`lazuli reindex --help` shows examples.' });
}
