import { Command } from 'commander';
import type { HandedOut } from '../../core/control/building.ts';
import { ExitCode, failure, linesOf, type Output, printResult, table } from '../output.ts';
import { unansweredCode } from '../pipeline/answers.ts';
import { type CatalogExports, describeExports, exportsByCatalog } from '../pipeline/exports.ts';
import { type CatalogStatus, PipelineObserver } from '../pipeline/status.ts';
import { loadSettings, type SettingsOptions, withSettings } from '../settings.ts';
import { seconds } from '../up/progress.ts';

const watchMillis = 2000;
/** Between the two looks that give the rate. */
const paceMillis = 1000;

interface StatusOptions extends SettingsOptions {
  readonly json?: true;
  readonly watch?: true;
}

type Shown = WithEta & {
  /** null: the catalog can't be exported */
  readonly exports: CatalogExports | null;
};

type WithEta = CatalogStatus & {
  /** until all is searchable, at the present pace; null where it is finished or nothing moves */
  readonly etaMillis: number | null;
};

/** `lazuli status`: how far the pipeline is. */
export function statusCommand(output: Output): Command {
  const command = new Command('status')
    .description(
      'Show what is staged, stored, indexed and in flight, for each catalog and source, what failed, and how exports are.',
    )
    .option('--json', 'print JSON')
    .option('--watch', 'look again every two seconds, until nothing is in flight')
    .addHelpText(
      'after',
      `
Whatever isn't as it should be is shown with what to do about it; /health/progress tells the same.

Exit code 1: nothing is in flight, and dead letters or troubles say that not everything can be found; or a worker doesn't
answer. Letters of no catalog count, such as records that can't be read. While something is in flight the exit code is 0:
nothing is known yet.

Examples:
  lazuli status
  lazuli status --watch
  lazuli status --json | jq '.[] | select(.finished | not)'`,
    );
  return withSettings(command).action(async (options: StatusOptions) => {
    const settings = await loadSettings(options);
    const observer = new PipelineObserver(settings);
    const look = () => withExports(withPace(observer), exportsByCatalog(settings));
    const print = (all: readonly Shown[]): void =>
      printResult(
        output,
        options.json,
        all,
        all.flatMap((one, i) => [...(i === 0 ? [] : ['']), ...describe(one)]),
      );
    let all = await look();
    print(all);
    while (options.watch && !all.every(({ settled }) => settled) && !all.some(isUnanswered)) {
      await new Promise((resolve) => setTimeout(resolve, watchMillis - paceMillis));
      all = await look();
      print(all);
    }
    const isUnfinished = all.every(({ settled }) => settled) && !all.every(({ finished }) => finished);
    if (isUnfinished || all.some(isUnanswered)) throw new ExitCode(failure);
  });
}

const isUnanswered = ({ troubles }: CatalogStatus): boolean => troubles.some(({ code }) => code === unansweredCode);

async function withExports(
  looked: Promise<readonly WithEta[]>,
  found: ReturnType<typeof exportsByCatalog>,
): Promise<readonly Shown[]> {
  const [all, exports] = await Promise.all([looked, found]);
  return all.map((status) => ({ ...status, exports: exports.get(status.catalog ?? '') ?? null }));
}

async function withPace(observer: PipelineObserver): Promise<readonly WithEta[]> {
  const before = await observer.look();
  if (before.every(({ settled }) => settled) || before.some(isUnanswered))
    return before.map((status) => ({ ...status, etaMillis: null }));
  await new Promise((resolve) => setTimeout(resolve, paceMillis));
  const after = await observer.look();
  const earlier = new Map(before.map((status) => [status.catalog, status]));
  return after.map((status) => ({ ...status, etaMillis: eta(earlier.get(status.catalog), status, paceMillis) }));
}

/** The slowest stage's time, by what it did between two looks. */
export function eta(before: CatalogStatus | undefined, { inFlight, settled }: CatalogStatus, millis: number) {
  if (before === undefined || settled) return null;
  const stages = (['notifications', 'batches', 'documents'] as const).map((stage) => {
    const moved = before.inFlight[stage] - inFlight[stage];
    return moved > 0 ? (inFlight[stage] / moved) * millis : 0;
  });
  const longest = Math.max(...stages);
  return longest > 0 ? Math.round(longest) : null;
}

function describe(status: Shown): readonly string[] {
  const { catalog, sources, batches, documents, failures, paused, troubles, otherShards, builders, exports } = status;
  const waits = status.oldestUnsearchableSeconds;
  const counts = (all: Readonly<Record<string, number>>): string =>
    Object.entries(all)
      .map(([name, n]) => `${name} ${n}`)
      .join(', ') || 'none';
  const shown = troubles.flatMap(({ stage, reason, remedy }) => {
    const why = `${stage}: ${reason}`;
    return linesOf(`${paused.includes(why) ? 'paused' : 'trouble'}: ${why}\nremedy: ${remedy}`);
  });
  const failed = [`failures: ${counts(failures)}`, ...shown];
  if (catalog === null) return [`no catalog: ${stateOf(status)}`, ...failed];
  return [
    `catalog ${catalog}: ${stateOf(status)}`,
    ...table(
      ['source', 'fed', 'staged', 'stored'],
      sources.map(({ source, fed, staged, stored }) => [source, fed ?? '?', staged, stored ?? '?']),
    ),
    `batches: ${batches.staged} staged, ${batches.stored} stored`,
    `documents searchable: ${counts(documents.indexed)}`,
    ...(waits === 0 ? [] : [`oldest notification that is not searchable: ${seconds(waits * 1000)} ago`]),
    ...(otherShards === null
      ? []
      : [`shards: ${otherShards.serving}; the settings say ${otherShards.wanted}, which \`lazuli reindex\` makes`]),
    ...(builders === null ? [] : [describeBuilders(builders)]),
    ...(exports === null ? [] : [`exports: ${describeExports(exports)}`]),
    ...failed,
  ];
}

function describeBuilders({ wanted, working, left }: HandedOut): string {
  const taken = working.reduce((sum, { buckets }) => sum + buckets, 0);
  return `builders: ${wanted} wanted, ${working.length} work on ${taken} buckets, ${left} are left`;
}

function stateOf({ inFlight, settled, finished, failures, troubles, etaMillis }: WithEta): string {
  if (finished) return 'finished';
  const letters = Object.values(failures).reduce((a, b) => a + b, 0);
  if (settled && letters > 0) return `not everything can be found: ${letters} failed, see \`lazuli dead-letters list\``;
  if (settled) return `not everything is as it should be: ${troubles.map(({ code }) => code).join(', ')}`;
  const rest = `${inFlight.notifications} notifications, ${inFlight.batches} batches, ${inFlight.documents} documents`;
  return `working, in flight: ${rest}${etaMillis ? `, ETA ${seconds(etaMillis)}` : ''}`;
}
