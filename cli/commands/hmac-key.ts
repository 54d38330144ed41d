import { Command } from 'commander';
import { LazuliError } from '../../core/config/errors.ts';
import { type HmacKeys, newHmacKey, readHmacKeys } from '../../ingest/hmac-key.ts';
import { replaceHmacKeys } from '../../ingest/hmac-key-file.ts';
import { type Output, printResult, table } from '../output.ts';
import { loadSettings, type SettingsOptions, withSettings } from '../settings.ts';

interface KeyOptions extends SettingsOptions {
  readonly json?: true;
}

/** `lazuli hmac-key`: rotates the key of notifications without losing one. */
export function hmacKeyCommand(output: Output): Command {
  const command = new Command('hmac-key')
    .description('List or rotate the keys that sign notifications. Two are valid while they are rotated.')
    .addHelpText(
      'after',
      `
Indexers read the file of the keys again when it has changed: nothing has to be started again. Give each machine that has a
copy of the file the new one after each step. Data stores learn the new key from \`lazuli subscribe\`.

Examples:
  lazuli hmac-key add       another key is valid too; nobody signs with it yet
  lazuli hmac-key switch    it signs from now on; the former one stays valid
  lazuli subscribe          where data stores have subscriptions
  lazuli hmac-key retire    once nobody signs with the former one any more`,
    );
  command.addCommand(step(output, 'list', 'Show the ids of the keys, and which one signs.', (keys) => keys));
  command.addCommand(step(output, 'add', 'Make another key that is valid too.', added));
  command.addCommand(step(output, 'switch', 'Have the other key sign; the one that signs now stays valid.', switched));
  command.addCommand(step(output, 'retire', 'Make the other key invalid: what it has signed is refused.', retired));
  return command;
}

function step(output: Output, name: string, what: string, change: (keys: HmacKeys) => HmacKeys): Command {
  const command = new Command(name).description(what).option('--json', 'print JSON');
  return withSettings(command).action(async (options: KeyOptions) => {
    const { hmacKeyFile: file } = await loadSettings(options);
    const keys = readHmacKeys(file);
    const next = change(keys);
    if (next !== keys) replaceHmacKeys(file, keys, next);
    const ids = { current: next.current.key_id, other: next.other?.key_id ?? null };
    const rows = [[ids.current, 'signs'], ...(ids.other === null ? [] : [[ids.other, 'is valid too']])];
    printResult(output, options.json, ids, table(['key', ''], rows));
  });
}

function added({ current, other }: HmacKeys): HmacKeys {
  if (other === null) return { current, other: newHmacKey() };
  throw refused(`There are two keys already; ${other.key_id} doesn't sign.`, 'Retire it, or switch to it.');
}

function switched({ current, other }: HmacKeys): HmacKeys {
  if (other === null) throw refused('There is no other key.', 'Run `lazuli hmac-key add` first.');
  return { current: other, other: current };
}

function retired({ current, other }: HmacKeys): HmacKeys {
  if (other === null) throw refused('There is no other key.', 'There is nothing to do.');
  return { current, other: null };
}

const refused = (message: string, remedy: string): LazuliError => new LazuliError('conflict', message, { remedy });
