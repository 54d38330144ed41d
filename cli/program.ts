import { Command, CommanderError } from 'commander';
import { bootstrapCommand } from './commands/bootstrap.ts';
import { bundleCommand } from './commands/bundle.ts';
import { catalogsCommand } from './commands/catalogs.ts';
import { deadLettersCommand } from './commands/dead-letters.ts';
import { exportCommand } from './commands/export.ts';
import { generateCommand } from './commands/generate.ts';
import { generationCommand } from './commands/generation.ts';
import { pauseCommand, resumeCommand } from './commands/halt.ts';
import { hmacKeyCommand } from './commands/hmac-key.ts';
import { indexCommand } from './commands/index.ts';
import { loginCommand, logoutCommand } from './commands/login.ts';
import { manifestCommand } from './commands/manifest.ts';
import { pluginCommand } from './commands/plugin.ts';
import { recomputeCommand } from './commands/recompute.ts';
import { reindexCommand } from './commands/reindex.ts';
import { runCommand } from './commands/run.ts';
import { runsCommand } from './commands/runs.ts';
import { sourceCommand } from './commands/source.ts';
import { sqlCommand } from './commands/sql.ts';
import { statusCommand } from './commands/status.ts';
import { streamCommand } from './commands/stream.ts';
import { subscribeCommand, unsubscribeCommand } from './commands/subscribe.ts';
import { tdrCommand } from './commands/tdr.ts';
import { tokenCommand } from './commands/token.ts';
import { upCommand } from './commands/up.ts';
import { verifyCommand } from './commands/verify.ts';
import { presentNames } from './former-names.ts';
import { ExitCode, type Output, printLines, printMessage, showError, wrongUsage } from './output.ts';
import { processOutput } from './process-output.ts';

const commands = [
  upCommand,
  statusCommand,
  sqlCommand,
  manifestCommand,
  exportCommand,
  bundleCommand,
  catalogsCommand,
  sourceCommand,
  subscribeCommand,
  unsubscribeCommand,
  deadLettersCommand,
  reindexCommand,
  recomputeCommand,
  runsCommand,
  verifyCommand,
  generationCommand,
  indexCommand,
  pauseCommand,
  resumeCommand,
  streamCommand,
  generateCommand,
  pluginCommand,
  loginCommand,
  logoutCommand,
  tdrCommand,
  tokenCommand,
  hmacKeyCommand,
  runCommand,
  bootstrapCommand,
];

/** The command line, printing to `output`. */
export function program(output: Output): Command {
  const root = new Command('lazuli')
    .description('Indexes metadata of genomic data sets and serves it to data browsers.')
    .addHelpText(
      'after',
      `
Examples:
  lazuli up --generate 50               a whole local stack with sample bundles
  lazuli status                         how far it is
  lazuli sql -c 'from hca.files limit 3'  look into the staged batches

Exit codes: 0 success, 1 failure, 2 wrong usage or configuration.`,
    );
  for (const command of commands) root.addCommand(command(output));
  settle(root, output);
  return root;
}

/**
 * Runs the command line.
 *
 * @param args without the program's name
 * @returns the exit code
 */
export async function main(args: readonly string[], output: Output = processOutput): Promise<number> {
  try {
    await program(output).parseAsync([...presentNames(args, output)], { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : wrongUsage;
    return error instanceof ExitCode ? error.code : showError(error, output);
  }
}

/** The same manners for every command, however deep. */
function settle(command: Command, output: Output, path = command.name()): void {
  command.exitOverride().configureOutput({
    writeOut: (text) => printLines(output.out, text.trimEnd().split('\n')),
    writeErr: (text) => printMessage(output.err, text.trimEnd()),
  });
  command.showHelpAfterError(`remedy: See \`${path} --help\`.`);
  for (const child of command.commands) settle(child, output, `${path} ${child.name()}`);
}
