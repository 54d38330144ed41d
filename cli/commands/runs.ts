import { Command } from 'commander';
import { LazuliError } from '../../core/config/errors.ts';
import { ownerOf } from '../../core/control/workers.ts';
import type { Run } from '../../core/runs/run.ts';
import { linesOf, type Output, printResult, table } from '../output.ts';
import { type CatalogOptions, chooseCatalog, loadSettings, withCatalog } from '../settings.ts';
import { seconds } from '../up/progress.ts';

const watchMillis = 1000;

interface ShowOptions extends CatalogOptions {
  readonly watch?: true;
}

interface ChangeOptions extends CatalogOptions {
  readonly acceptVanished?: true;
}

/** `lazuli runs`: how far runs are, and how they ended. */
export function runsCommand(output: Output): Command {
  const command = new Command('runs')
    .description('Show runs: how far they are, how they ended. Cancel a run, or try it again.')
    .addHelpText(
      'after',
      `
\`lazuli reindex\` and \`lazuli recompute\` start runs; so does a worker that finds no current indices. A catalog has one
run at a time. Meanwhile the former indices serve and stay current. After a crash a run continues where it was.

Examples:
  lazuli runs list
  lazuli runs show --watch
  lazuli runs cancel`,
    );
  command.addCommand(listCommand(output));
  command.addCommand(showCommand(output));
  command.addCommand(changeCommand(output, 'cancel'));
  command.addCommand(changeCommand(output, 'resume'));
  return command;
}

function listCommand(output: Output): Command {
  const command = new Command('list').description('List the runs of a catalog, the latest first.');
  return withCatalog(command).action(async (options: CatalogOptions) => {
    const { runs } = await runsOf(options);
    const rows = runs.map(({ id, kind, state, generation, started, documents }) => [
      ...[id, shownKind(kind), state, generation ?? '', started],
      `${documents.done}/${documents.expected}`,
    ]);
    printResult(
      output,
      options.json,
      runs,
      rows.length === 0 ? ['no runs'] : table(['run', 'kind', 'state', 'generation', 'started', 'documents'], rows),
    );
  });
}

function showCommand(output: Output): Command {
  const command = new Command('show')
    .description('Show a run: how far it is with each source, how fast, when it will end, and what failed.')
    .argument('[id]', 'which one; default: the latest')
    .option('--watch', 'show it again whenever it has progressed, until it ends');
  return withCatalog(command).action(async (id: string | undefined, options: ShowOptions) => {
    const run = chosen((await runsOf(options)).runs, id);
    const say = (one: Run) => printResult(output, options.json, one, described(one, Date.now()));
    say(run);
    if (options.watch) await watch(options, run, say);
  });
}

async function watch(options: ShowOptions, first: Run, say: (run: Run) => void): Promise<void> {
  for (let run = first; run.ended === null; ) {
    await new Promise((resolve) => setTimeout(resolve, watchMillis));
    const next = chosen((await runsOf(options)).runs, first.id);
    if (next.state !== run.state || stageOf(next) !== stageOf(run)) say(next);
    run = next;
  }
}

const changes = {
  cancel: { description: 'Give a run up. What it has built is dropped.', done: 'cancelled' },
  resume: { description: 'Try a run again that failed or was cancelled, or confirm one.', done: 'resumed' },
} as const;

function changeCommand(output: Output, change: keyof typeof changes): Command {
  const { description, done } = changes[change];
  const command = new Command(change).description(description).argument('[id]', 'which one; default: the latest');
  if (change === 'resume') command.option('--accept-vanished', 'what counts or is served now may be missing');
  return withCatalog(command).action(async (id: string | undefined, options: ChangeOptions) => {
    const { owner, catalog, runs } = await runsOf(options);
    const run = { catalog, id: chosen(runs, id).id };
    if (change === 'cancel') await owner.cancelRun(run);
    else await owner.resumeRun({ ...run, acceptVanished: options.acceptVanished });
    printResult(output, options.json, { ...run, [done]: true }, `${done} run ${run.id} of ${catalog}`);
  });
}

async function runsOf(options: CatalogOptions) {
  const settings = await loadSettings(options);
  const catalog = chooseCatalog(settings, options.catalog);
  const owner = ownerOf(settings, catalog);
  return { owner, catalog, runs: await owner.runs({ catalog }) };
}

function chosen(runs: readonly Run[], id: string | undefined): Run {
  const run = id === undefined ? runs[0] : runs.find((one) => one.id === id);
  if (run !== undefined) return run;
  throw new LazuliError('not_found', id === undefined ? 'There are no runs.' : `There is no run ${id}.`, {
    remedy: '`lazuli runs list` shows which there are.',
  });
}

/** Records call `repair` what is a recomputation everywhere else. */
const shownKind = (kind: Run['kind']): string => (kind === 'repair' ? 'recompute' : kind);
const shownPhase = (phase: Run['phase']): string => (phase === 'repairing' ? 'recomputing' : phase);

/** What a run is doing, in a line. */
export function stageOf({ phase, restaging, documents }: Run): string {
  if (['building', 'verifying', 'repairing'].includes(phase))
    return `${shownPhase(phase)}: ${documents.done}/${documents.expected} documents`;
  const { problem = null, sources = [], reading = [] } = restaging ?? {};
  const [done, expected] = [sum(sources, 'done'), sum(sources, 'expected')];
  const read = reading.map((one) => `, ${readingOf(one)}`).join('');
  return `${phase}: ${done}/${expected} bundles${read}${problem === null ? '' : `, paused: ${problem}`}`;
}

/** What is being read of a source. */
function readingOf({ source, table, rows, done, of }: NonNullable<Run['restaging']>['reading'][number]): string {
  const what = table === null ? '' : ` ${table}, ${rows ?? 0} rows,`;
  return `reading${what} of ${source}: step ${done + 1} of ${of}`;
}

const sum = <T extends string>(rows: readonly Readonly<Record<T, number>>[], member: T): number =>
  rows.reduce((total, row) => total + row[member], 0);

/** A run for people: what it is, how far, and what went wrong. @param now milliseconds since the epoch */
export function described(run: Run, now: number): readonly string[] {
  const { expected, done } = run.documents;
  const rate = run.rate === null ? '' : `, ${run.rate.toFixed(1)}/s`;
  const eta = run.eta === null ? '' : `, ETA ${seconds(Math.max(0, Date.parse(run.eta) - now))}`;
  const took = run.ended === null ? 0 : Date.parse(run.ended) - Date.parse(run.started);
  const lost =
    run.vanished?.map(
      ({ entityType, before, vanished, lost: n }) => `${vanished} of ${before} ${entityType} (${n} unexplained)`,
    ) ?? [];
  const failures = Object.entries(run.failures).map(([reason, count]) => `${count} ${reason}`);
  return [
    `${run.id}: ${titleOf(run)}, ${run.state}`,
    ...(run.restaging === null ? [] : restaged(run, run.restaging)),
    `documents: ${done}/${expected}${rate}${eta}`,
    ...(run.sources.length === 0 ? [] : sourcesTable(run)),
    `dead letters: ${failures.length === 0 ? 'none' : failures.join(', ')}`,
    ...(lost.length === 0 ? [] : [`vanished: ${lost.join(', ')}`]),
    `started: ${run.started}${run.attempts > 1 ? `, attempt ${run.attempts}` : ''}`,
    ...(run.ended === null ? [] : [`ended: ${run.ended}, after ${seconds(took)}`]),
    ...(run.failure === null ? [] : linesOf(`failure: ${run.failure}`)),
  ];
}

function titleOf({ kind, catalog, from, source, prefix, changed, generation }: Run): string {
  const which = [
    changed ? 'changed sources' : '',
    source === null ? '' : `sources ${source}`,
    prefix === '' ? '' : `prefix ${prefix}`,
  ].filter(Boolean);
  const into =
    generation === null ? '' : kind === 'repair' ? ` in generation ${generation}` : ` into generation ${generation}`;
  const where = from === 'repository' ? ' from the repository' : '';
  return `${shownKind(kind)} of ${catalog}${where}${which.length === 0 ? '' : ` (${which.join(', ')})`}${into}`;
}

function restaged(
  run: Run,
  { sources, reading, failures, vanished, problem }: NonNullable<Run['restaging']>,
): readonly string[] {
  const given = Object.entries(failures).map(([reason, count]) => `${count} ${reason}`);
  const rows = sources.map(({ source, expected, done, failed }) => [source, expected, done, failed]);
  return [
    `${run.phase}: ${sum(sources, 'done')}/${sum(sources, 'expected')} bundles staged`,
    ...reading.map(readingOf),
    ...(problem === null ? [] : linesOf(`paused: ${problem}`)),
    ...(rows.length === 0 ? [] : table(['source', 'listed', 'done', 'given up'], rows)),
    ...(given.length === 0 ? [] : [`given up, and left as they were: ${given.join(', ')}`]),
    ...(vanished === null ? [] : [`the repository has no more: ${vanished.vanished} of ${vanished.before} bundles`]),
  ];
}

function sourcesTable({ sources }: Run): readonly string[] {
  const rows = sources.map(({ source, expected, computed, written, verified }) => [
    ...[source, expected, computed, written, verified],
  ]);
  return table(['source', 'expected', 'computed', 'written', 'verified'], rows);
}
