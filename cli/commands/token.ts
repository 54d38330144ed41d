import { randomBytes } from 'node:crypto';
import { Command } from 'commander';
import { digestOf } from '../../plugins/authentication/tokens/token-file.ts';
import { json, type Output } from '../output.ts';
import { someText } from '../settings.ts';

/** Far more than can be guessed: tokens are kept as plain hashes. */
const tokenBytes = 32;

/** `lazuli token`: a new token, and the entry that lets the service know it. */
export function tokenCommand(output: Output): Command {
  return new Command('token')
    .description("Make a token for a caller of the service, and its entry for the file of the plug-in 'tokens'.")
    .argument('<subject>', 'the caller, as the readers of sources are named', someText)
    .addHelpText(
      'after',
      `
The token is shown this once and kept nowhere: the entry has its hash.

Examples:
  lazuli token ann@example.org`,
    )
    .action((subject: string) => {
      const token = randomBytes(tokenBytes).toString('base64url');
      output.data(json({ token, entry: { subject, sha256: digestOf(token).toString('hex') } }));
    });
}
