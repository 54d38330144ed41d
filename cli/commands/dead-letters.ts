import { Command, InvalidArgumentError, Option } from 'commander';
import { errors, LazuliError } from '../../core/config/errors.ts';
import type { Settings } from '../../core/config/settings.ts';
import { openDeadLetters } from '../../core/deployment/stores.ts';
import type { DeadLetter } from '../../core/storage/dead-letter.ts';
import { type DeadLetters, deleteUnchanged, pagesOf } from '../../core/storage/dead-letters.ts';
import { json, type Output, printLines, table } from '../output.ts';
import { giveUp, redrive } from '../pipeline/redrive.ts';
import { loadSettings, type SettingsOptions, withSettings } from '../settings.ts';

interface FilterOptions extends SettingsOptions {
  readonly catalog?: string;
  readonly kind?: DeadLetter['kind'];
  readonly reason?: string;
  readonly all?: true;
  readonly json?: true;
}

/** Some of the letters, and keys of those that can't be read. */
interface Chosen {
  readonly letters: DeadLetter[];
  readonly damaged: string[];
}

/** Their reason, as `lazuli status` counts them. */
const unreadable = 'unreadable';
const damagedRemedy = "The letter can't be read. Drop it, and notify again of what it was about.";

/** `lazuli dead-letters`: work that was given up. */
export function deadLettersCommand(output: Output): Command {
  const command = new Command('dead-letters')
    .description('Show, try again or drop work that was given up.')
    .addHelpText(
      'after',
      `
Examples:
  lazuli dead-letters list --reason bundle_invalid
  lazuli dead-letters show hca/notification/0123456789abcdef0123456789abcdef
  lazuli dead-letters redrive --all --reason bundle_missing
  lazuli dead-letters drop hca/notification/0123456789abcdef0123456789abcdef`,
    );
  command.addCommand(listCommand(output));
  command.addCommand(showCommand(output));
  command.addCommand(
    workCommand(output, 'redrive', 'redriven', redrive).description(
      'Try again: post a notification again, fetch the bundles of a batch again, compute a document again; the letter goes when that was accepted.',
    ),
  );
  command.addCommand(
    workCommand(output, 'drop', 'dropped', giveUp, 'damaged too').description('Give up for good: delete dead letters.'),
  );
  return command;
}

function listCommand(output: Output): Command {
  return withFilter(new Command('list'))
    .description('List dead letters.')
    .action(async (options: FilterOptions) => {
      const { letters, damaged } = await chosen(await openDeadLetters(await loadSettings(options)), options);
      if (options.json) return output.data(json([...letters, ...damaged.map((key) => ({ key, reason: unreadable }))]));
      if (letters.length + damaged.length === 0) return output.out('no dead letters');
      const rows = letters.map(({ key, reason, attempts, last, place, message }) => [
        key,
        reason,
        attempts,
        last,
        place.bundle ?? place.entity,
        firstLine(message),
      ]);
      rows.push(...damaged.map((key) => [key, unreadable, '', '', '', damagedRemedy]));
      printLines(output.out, table(['key', 'reason', 'attempts', 'last', 'bundle', 'message'], rows));
    });
}

function showCommand(output: Output): Command {
  return withSettings(new Command('show'))
    .description('Show a dead letter with everything that is known.')
    .argument('<key>', 'as `list` gives it')
    .action(async (key: string, options: SettingsOptions) => {
      output.data(json(await one(await openDeadLetters(await loadSettings(options)), key)));
    });
}

/** A command that works on the given letters, or on all that the filter leaves. */
function workCommand(
  output: Output,
  name: string,
  done: string,
  work: (settings: Settings, letter: DeadLetter) => Promise<void>,
  which?: 'damaged too',
): Command {
  return withFilter(new Command(name))
    .argument('[keys...]', 'as `list` gives them')
    .option('--all', 'every letter that the filter leaves')
    .action(async (keys: string[], options: FilterOptions) => {
      const settings = await loadSettings(options);
      const letters = await openDeadLetters(settings);
      const worked: string[] = [];
      const end = (key: string): void => {
        worked.push(key);
        if (!options.json) output.out(`${done} ${key}`);
      };
      const found = await named(letters, keys, options);
      for (const letter of found.letters) {
        await work(settings, letter);
        await deleteUnchanged(letters, letter);
        end(letter.key);
      }
      for (const key of found.damaged) {
        // Says what is wrong with it.
        if (which !== 'damaged too') await letters.get(key);
        await letters.delete(key);
        end(key);
      }
      if (options.json) output.data(json({ [done]: worked }));
      else if (worked.length === 0) output.out('no dead letters');
    });
}

function withFilter(command: Command): Command {
  return withSettings(command)
    .option('--catalog <name>', 'only of this catalog')
    .addOption(new Option('--kind <kind>', 'only of this kind').choices(['notification', 'batch', 'document']))
    .option('--reason <code>', 'only for this reason, such as bundle_invalid', knownReason)
    .option('--json', 'print JSON');
}

/** An impossible reason would find nothing, as if all were well. */
function knownReason(reason: string): string {
  const all = [...Object.keys(errors), 'unexpected', unreadable];
  if (all.includes(reason)) return reason;
  throw new InvalidArgumentError(`There is no such reason. It is one of ${all.sort().join(', ')}.`);
}

async function named(letters: DeadLetters, keys: readonly string[], options: FilterOptions): Promise<Chosen> {
  if (options.all) return chosen(letters, options);
  if (keys.length > 0) return byKey(letters, keys);
  throw new LazuliError('usage', 'Which dead letters?', { remedy: 'Give their keys, or --all.' });
}

async function byKey(letters: DeadLetters, keys: readonly string[]): Promise<Chosen> {
  const found: Chosen = { letters: [], damaged: [] };
  for (const key of keys) {
    const letter = await one(letters, key).catch((error: unknown) => {
      if (error instanceof LazuliError && error.code === 'record_malformed') return null;
      throw error;
    });
    if (letter === null) found.damaged.push(key);
    else found.letters.push(letter);
  }
  return found;
}

async function one(letters: DeadLetters, key: string): Promise<DeadLetter> {
  const letter = await letters.get(key);
  if (letter !== null) return letter;
  throw new LazuliError('not_found', `There is no dead letter '${key}'.`, {
    remedy: '`lazuli dead-letters list` shows which there are.',
  });
}

async function chosen(letters: DeadLetters, { catalog, kind, reason }: FilterOptions): Promise<Chosen> {
  const filter = {
    ...(catalog === undefined ? {} : { catalog }),
    ...(kind === undefined ? {} : { kind }),
    ...(reason === undefined ? {} : { reason }),
  };
  const all: Chosen = { letters: [], damaged: [] };
  for await (const page of pagesOf(letters, { ...filter, limit: 1000 })) {
    all.letters.push(...page.letters);
    if (reason === undefined || reason === unreadable) all.damaged.push(...page.damaged);
  }
  return all;
}

const firstLine = (text: string): string => text.split('\n', 1)[0]?.slice(0, 100) ?? '';
