import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { ExitCode, failure, type Output, printResult } from '../output.ts';
import { checkFolder } from '../plugin/check/check.ts';
import { reportLines } from '../plugin/check/report.ts';
import { writePlugin } from '../plugin/new.ts';

interface CheckOptions {
  readonly bundles?: readonly string[];
  readonly json?: true;
}

/** `lazuli plugin`: for people who write plug-ins. */
export function pluginCommand(output: Output): Command {
  const command = new Command('plugin')
    .description('Write and check plug-ins that are outside of the clone.')
    .addHelpText(
      'after',
      `
Examples:
  lazuli plugin new /tmp/recordings
  lazuli plugin check /tmp/recordings
  lazuli plugin test /tmp/recordings
  lazuli up --plugin /tmp/recordings --bundles /tmp/recordings/bundles`,
    );
  command.addCommand(newCommand(output));
  command.addCommand(checkCommand(output));
  command.addCommand(testCommand(output));
  return command;
}

function checkCommand(output: Output): Command {
  return new Command('check')
    .description(
      'Load the plug-ins of a folder, check what they declare, and try them on sample bundles, without a stack.',
    )
    .argument('[folder]', 'of the plug-ins', '.')
    .option('--bundles <dirs...>', 'folders of sample bundles (default: bundles in the folder)')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Bundles are normalized, staged as Parquet, put together again, aggregated by SQL and by the reference reducer, and
presented. It prints fields and one document for each entity type, then its findings. Exit code 1: there are errors.`,
    )
    .action(async (folder: string, { bundles = [], json }: CheckOptions) => {
      const report = await checkFolder(resolve(folder), bundles);
      printResult(output, json, report, reportLines(report));
      if (report.findings.some(({ severity }) => severity === 'error')) throw new ExitCode(failure);
    });
}

interface NewOptions {
  readonly name?: string;
  readonly json?: true;
}

function newCommand(output: Output): Command {
  return new Command('new')
    .description(
      'Write a small metadata plug-in that works, with its test and sample bundles, as a start for your own.',
    )
    .argument('<folder>', 'a new or empty folder')
    .option('--name <name>', 'of the plug-in (default: that of the folder)')
    .option('--json', 'print JSON')
    .action((given: string, { name: asked, json }: NewOptions) => {
      const folder = resolve(given);
      const name = writePlugin(folder, asked);
      printResult(output, json, { folder, name }, [
        `wrote ${folder}: metadata plug-in ${name}`,
        'Try:',
        `  npm test --prefix ${folder}`,
        `  npm start -- --plugin ${folder} --bundles ${join(folder, 'bundles')}`,
      ]);
    });
}

function testCommand(output: Output): Command {
  return new Command('test')
    .description('Run the tests of a folder of plug-ins, as `node --test` does, on the Node that Lazuli runs on.')
    .argument('[folder]', 'of the plug-ins', '.')
    .action(async (folder: string) => {
      const { testFolder } = await import('../plugin/test.ts');
      const { failed } = await testFolder(resolve(folder), output.out);
      if (failed > 0) throw new ExitCode(failure);
    });
}
