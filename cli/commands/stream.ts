import { Command } from 'commander';
import { openStaging } from '../../core/deployment/stores.ts';
import { Purges } from '../../core/runs/purges.ts';
import { systemClock } from '../../core/runtime/clock.ts';
import { confirmed } from '../confirmed.ts';
import { type Output, printResult } from '../output.ts';
import { Fed } from '../pipeline/fed.ts';
import { loadSettings, type SettingsOptions, withSettings } from '../settings.ts';

interface PurgeOptions extends SettingsOptions {
  readonly yes?: true;
  readonly json?: true;
}

/** `lazuli stream`: what is in the stream of notifications. */
export function streamCommand(output: Output): Command {
  const command = new Command('stream')
    .description('Throw away what waits in the stream of notifications.')
    .addHelpText(
      'after',
      `
Examples:
  lazuli stream purge
  lazuli stream purge --yes --json`,
    );
  command.addCommand(purgeCommand(output));
  return command;
}

function purgeCommand(output: Output): Command {
  const command = new Command('purge')
    .description('Throw away for good every notification that has arrived by now and is not staged.')
    .option('--yes', 'do not ask')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
It holds for all catalogs and all workers within a second or two. \`lazuli pause ingest\` first, if what is being
read must not slip through; notify of the bundles again, if they are wanted after all.`,
    );
  return withSettings(command).action(async (options: PurgeOptions) => {
    const settings = await loadSettings(options);
    const stream = settings.kinesis.notifications;
    if (!options.yes) await confirmed(`Throw away what waits in ${stream}`, stream, 'Nothing was thrown away.');
    const until = new Date(await new Purges(await openStaging(settings), systemClock).purge()).toISOString();
    // Nobody waits any more for what `lazuli up` has fed.
    for (const catalog of Object.keys(settings.catalogs)) new Fed(settings, catalog).dropAll();
    printResult(output, options.json, { until }, `thrown away: what has arrived by ${until} and is not staged`);
  });
}
