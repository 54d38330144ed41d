import { Command, InvalidArgumentError } from 'commander';
import { LazuliError } from '../../core/config/errors.ts';
import { shownIssues } from '../../core/config/issues.ts';
import type { Settings } from '../../core/config/settings.ts';
import { isRestricted } from '../../core/config/sources.ts';
import { ownerOf } from '../../core/control/workers.ts';
import { type RunOptions, runOptionsSchema } from '../../core/runs/run.ts';
import { type Output, printResult } from '../output.ts';
import { type CatalogOptions, chooseCatalog, loadSettings, withCatalog } from '../settings.ts';
import { type FollowOptions, follow } from './following.ts';
import { sayWhatIf } from './forecast.ts';

/** Options of commands that recompute documents of a restriction. */
interface RunningOptions extends FollowOptions {
  readonly dryRun?: true;
}

interface RecomputeOptions extends CatalogOptions, RunningOptions {
  readonly json?: true;
  readonly since?: Date;
  readonly source?: string;
  readonly prefix?: string;
}

const horizon = 'TRIM_HORIZON';

/** `lazuli recompute`: documents of some bundles once more, in the indices that there are. */
export function recomputeCommand(output: Output): Command {
  const command = new Command('recompute')
    .description('Compute documents of some bundles again and write them to the present indices.')
    .option('--since <time>', `of batches staged since then, as 2026-11-22T12:00:00Z; or ${horizon}: all`, timeOf)
    .option('--source <glob>', 'of bundles of sources whose id or spec matches; * and ? are wildcards')
    .option('--prefix <hex>', 'of bundles whose uuid begins so; at most 8 hex digits')
    .option('--no-wait', 'with --source or --prefix: return when it has begun')
    .option('--dry-run', 'with --source or --prefix: show what would be done and changed; change nothing')
    .addHelpText(
      'after',
      `
It brings back what a store or an index has lost, and leaves alone what is right. Documents that the bundles have a part
in are computed again; nothing is fetched, and no indices are built: for that there is \`lazuli reindex\`.

--since also loads the batches once more. It reads their manifests, which stay when records have left the stream.
It returns when the work is certain to be done; \`lazuli status --watch\` shows the end.
--source and --prefix start a run, which afterwards verifies what serves.

Examples:
  lazuli recompute --since 2026-11-22T12:00:00Z
  lazuli recompute --since ${horizon} --catalog hca
  lazuli recompute --source 42848d8f-ecdc-5b32-a667-a7b5aedfc9f5 --prefix 0f`,
    );
  return withCatalog(command).action(async (options: RecomputeOptions) => {
    const settings = await loadSettings(options);
    const catalog = chooseCatalog(settings, options.catalog);
    const wanted = restrictionOf(options);
    if (isRestricted(wanted) === (options.since !== undefined)) throw unclear();
    if (options.since === undefined) return recompute(settings, catalog, wanted, options, output);
    const from = options.since.toISOString();
    const { batches } = await ownerOf(settings, catalog).replay({ catalog, from });
    printResult(output, options.json, { catalog, batches }, `${batches} batches of ${catalog} are loaded once more`);
  });
}

/** Starts a run that recomputes the documents of a restriction, and follows it; or says what it would do. */
export async function recompute(
  settings: Settings,
  catalog: string,
  wanted: RunOptions,
  options: RunningOptions,
  output: Output,
): Promise<void> {
  if (options.dryRun) return sayWhatIf(settings, catalog, { wanted, asJson: options.json === true }, output);
  const owner = ownerOf(settings, catalog);
  const run = await owner.startRun({ catalog, ...wanted });
  await follow(owner, run, { done: 'recomputed' }, options, output);
}

/** @throws LazuliError `usage` */
function restrictionOf({ source, prefix }: RecomputeOptions): RunOptions {
  const { data, error } = runOptionsSchema.safeParse({ source, prefix: prefix?.toLowerCase() });
  if (data !== undefined) return data;
  throw new LazuliError('usage', shownIssues(error), { remedy: '`lazuli recompute --help` shows examples.' });
}

function unclear(): LazuliError {
  return new LazuliError('usage', 'Which documents?', {
    remedy: 'Give --since; or --source, --prefix or both. For all documents use `lazuli reindex`.',
  });
}

function timeOf(text: string): Date {
  const time = new Date(text === horizon ? 0 : text);
  if (!Number.isNaN(time.getTime())) return time;
  throw new InvalidArgumentError(`It must be a time as in RFC 3339, or ${horizon}.`);
}
