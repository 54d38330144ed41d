import { hostname, userInfo } from 'node:os';
import { Command } from 'commander';
import { changeOf } from '../../core/catalogs/changes.ts';
import { maxBy, maxMessage } from '../../core/catalogs/version.ts';
import { expectBase } from '../../core/catalogs/versions.ts';
import { parseCatalogs } from '../../core/config/catalogs.ts';
import { LazuliError } from '../../core/config/errors.ts';
import { type Output, printLines, printResult } from '../output.ts';
import { wholeNumber } from '../settings.ts';
import { describeChange, describeCounts, toDo } from './described.ts';
import { type GivenCatalogs, readCatalogs } from './file.ts';
import { maxNumber, named, type Options, open } from './opened.ts';
import { expectPlugins } from './plug-ins.ts';

interface PutOptions extends Options {
  readonly message?: string;
  readonly by?: string;
  readonly dryRun?: true;
}

/** `lazuli catalogs put` */
export function putCommand(output: Output): Command {
  const command = new Command('put')
    .description('Put catalogs as the next version.')
    .argument('<file>', 'JSON: a file, or an object s3://bucket/key');
  return changing(command)
    .addHelpText(
      'after',
      `
What \`lazuli catalogs get --json\` has printed says which version it comes from: it is refused where another one counts by now.`,
    )
    .action(async (file: string, options: PutOptions) => {
      const given = await readCatalogs(file);
      await put(output, options, given, { origin: file, restores: null });
    });
}

/** `lazuli catalogs restore` */
export function restoreCommand(output: Output): Command {
  const command = new Command('restore')
    .description('Put the catalogs of an earlier version once more, as the next version.')
    .argument('<version>', 'its number', wholeNumber(1, maxNumber));
  return changing(command).action(async (number: number, options: PutOptions) => {
    const { versions } = await open(options);
    const { given } = await named(versions, number);
    await put(output, options, { catalogs: given, base: undefined }, { origin: `version ${number}`, restores: number });
  });
}

const changing = (command: Command): Command =>
  command
    .option('--message <text>', 'why, for the history')
    .option('--by <who>', 'who, for the history (default: this user and host)')
    .option('--dry-run', 'check everything, show what would change, put nothing');

async function put(
  output: Output,
  options: PutOptions,
  { catalogs: given, base }: GivenCatalogs,
  { origin, restores }: { readonly origin: string; readonly restores: number | null },
): Promise<void> {
  const note = { ...noteOf(options), restores };
  const { settings, versions } = await open(options);
  const onto = await versions.newest();
  const catalogs = parseCatalogs(given, origin);
  if (base !== undefined) expectBase(base, onto);
  const change = changeOf(onto.version?.catalogs ?? {}, catalogs);
  await expectPlugins(catalogs, change, settings);
  const before = `${onto.version === null ? 'nothing' : `version ${onto.version.number}`} → ${origin}`;
  if (!options.json) printLines(output.err, [before, ...describeChange(change)]);
  if (options.dryRun) {
    printResult(output, options.json, { version: null, change }, 'nothing was put');
    return;
  }
  const version = await versions.put(given, onto, note, origin);
  if (version === null) {
    printResult(
      output,
      options.json,
      { version: onto.version?.number ?? null, change },
      'they are the same: nothing was put',
    );
    return;
  }
  const next = toDo(change, settings);
  const { number, changes } = version;
  const said = [`version ${number} put: ${describeCounts(changes)}`, ...next];
  printResult(output, options.json, { version: number, change, next }, said);
}

function noteOf({ message, by }: PutOptions) {
  const note = { put: new Date().toISOString(), by: by ?? whoAmI(), message: message ?? null };
  if (note.by.length <= maxBy && (note.message ?? '').length <= maxMessage) return note;
  throw new LazuliError('usage', `--message may have ${maxMessage} characters, --by ${maxBy}.`, {
    remedy: 'Say less.',
  });
}

function whoAmI(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    // Containers may have users that have no name.
    return `user ${process.getuid?.() ?? 'unknown'}@${hostname()}`;
  }
}
