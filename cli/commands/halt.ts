import { Argument, Command } from 'commander';
import { openStaging } from '../../core/deployment/stores.ts';
import { type Haltable, Halts, haltable } from '../../core/runs/halts.ts';
import { systemClock } from '../../core/runtime/clock.ts';
import { type Output, printResult } from '../output.ts';
import { loadSettings, type SettingsOptions, withSettings } from '../settings.ts';

interface HaltOptions extends SettingsOptions {
  readonly json?: true;
}

/** `lazuli pause`: the big red button. */
export function pauseCommand(output: Output): Command {
  const command = new Command('pause')
    .description('Pause the pipeline. Nothing is lost: notifications wait in their stream, documents in the store.')
    .addHelpText(
      'after',
      `
It holds for all workers within a second or two, and over restarts, until \`lazuli resume\`. \`lazuli status\` and the
status of each worker show it. Searches are still answered.

Examples:
  lazuli pause            everything
  lazuli pause ingest     notifications are accepted, and not taken in
  lazuli pause emit       batches are staged and loaded, documents are not written`,
    );
  return halting(command, output, 'paused', (halts, stage) => halts.halt(stage));
}

/** `lazuli resume`: lets the pipeline go on. */
export function resumeCommand(output: Output): Command {
  const command = new Command('resume').description('Resume the pipeline where it was paused.').addHelpText(
    'after',
    `
Examples:
  lazuli resume
  lazuli resume emit`,
  );
  return halting(command, output, 'resumed', (halts, stage) => halts.resume(stage));
}

function halting(
  command: Command,
  output: Output,
  done: string,
  act: (halts: Halts, stage: Haltable) => Promise<void>,
): Command {
  const what = new Argument('[what]', 'taking notifications in, writing documents, or both').choices([
    ...haltable,
    'all',
  ]);
  return withSettings(command.addArgument(what.default('all')))
    .option('--json', 'print JSON')
    .action(async (stage: Haltable | 'all', options: HaltOptions) => {
      const halts = new Halts(await openStaging(await loadSettings(options)), systemClock);
      const stages = stage === 'all' ? haltable : [stage];
      for (const one of stages) await act(halts, one);
      printResult(output, options.json, { [done]: stages }, `${done} ${stages.join(' and ')}`);
    });
}
