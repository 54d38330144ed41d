import { Command } from 'commander';
import { LazuliError } from '../../config/errors.ts';
import { json, type Output, table } from '../output.ts';
import { changeRun, listRuns, type RunState } from '../pipeline/workers.ts';
import { type CatalogOptions, chooseCatalog, loadSettings, withCatalog } from '../settings.ts';
import { seconds } from '../up/progress.ts';

/** `lazuli runs`: builds of generations, how far they are and how they ended. */
export function runsCommand(output: Output): Command {
  const command = new Command('runs')
    .description('Builds of whole sets of indices: how far they are, how they ended; cancel them, or try them again.')
    .addHelpText(
      'after',
      `
A catalog has one run at a time. While it goes on the former indices serve and stay current; after a crash it
goes on where it was.

Examples:
  lazuli runs list
  lazuli runs show
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
    if (options.json) return output.out(json(runs));
    const rows = runs.map(({ id, kind, state, generation, started, documents }) => [
      ...[id, kind, state, generation, started],
      `${documents.done}/${documents.expected}`,
    ]);
    output.out(
      rows.length === 0 ? 'no runs' : table(['run', 'kind', 'state', 'generation', 'started', 'documents'], rows),
    );
  });
}

function showCommand(output: Output): Command {
  const command = new Command('show').description('Show a run: how far it is, how fast, and when it will end.');
  return withCatalog(command.argument('[id]', 'which one; default: the latest')).action(
    async (id: string | undefined, options: CatalogOptions) => {
      const { runs } = await runsOf(options);
      const run = chosen(runs, id);
      output.out(options.json ? json({ ...run, ...paceOf(run, Date.now()) }) : described(run, Date.now()));
    },
  );
}

const changes = {
  cancel: { description: 'Give a run up. What it has built is dropped.', done: 'cancelled' },
  resume: { description: 'Try a run again that failed or was cancelled.', done: 'resumed' },
} as const;

function changeCommand(output: Output, change: keyof typeof changes): Command {
  const { description, done } = changes[change];
  const command = new Command(change).description(description).argument('[id]', 'which one; default: the latest');
  return withCatalog(command).action(async (id: string | undefined, options: CatalogOptions) => {
    const { settings, catalog, runs } = await runsOf(options);
    const run = chosen(runs, id);
    await changeRun(settings, catalog, change, run.id);
    output.out(options.json ? json({ catalog, id: run.id, [done]: true }) : `${done} run ${run.id} of ${catalog}`);
  });
}

async function runsOf(options: CatalogOptions) {
  const settings = loadSettings(options);
  const catalog = chooseCatalog(settings, options.catalog);
  return { settings, catalog, runs: await listRuns(settings, catalog) };
}

function chosen(runs: readonly RunState[], id: string | undefined): RunState {
  const run = id === undefined ? runs[0] : runs.find((one) => one.id === id);
  if (run !== undefined) return run;
  throw new LazuliError('not_found', id === undefined ? 'There are no runs.' : `There is no run ${id}.`, {
    remedy: '`lazuli runs list` shows which there are.',
  });
}

/** Documents a second, and milliseconds that are left; null where that is not known. */
export function paceOf({ started, ended, documents: { expected, done } }: RunState, now: number) {
  const millis = (ended === null ? now : Date.parse(ended)) - Date.parse(started);
  const rate = millis > 0 ? (done * 1000) / millis : null;
  const etaMillis = ended === null && rate !== null && rate > 0 ? Math.round(((expected - done) * 1000) / rate) : null;
  return { millis, rate, etaMillis };
}

function described(run: RunState, now: number): string {
  const { millis, rate, etaMillis } = paceOf(run, now);
  const { expected, done } = run.documents;
  return [
    `${run.id}: ${run.kind} of ${run.catalog} into generation ${run.generation}, ${run.state}`,
    `documents: ${done}/${expected}${rate === null ? '' : `, ${rate.toFixed(1)}/s`}${etaMillis === null ? '' : `, ETA ${seconds(etaMillis)}`}`,
    `started: ${run.started}${run.attempts > 1 ? `, attempt ${run.attempts}` : ''}`,
    ...(run.ended === null ? [] : [`ended: ${run.ended}, after ${seconds(millis)}`]),
    ...(run.failure === null ? [] : [`failure: ${run.failure}`]),
  ].join('\n');
}
