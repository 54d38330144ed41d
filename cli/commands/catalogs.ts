import { Command } from 'commander';
import { changeOf } from '../../core/catalogs/changes.ts';
import type { CatalogsVersion } from '../../core/catalogs/version.ts';
import type { CatalogVersions, Newest } from '../../core/catalogs/versions.ts';
import { type Catalogs, parseCatalogs } from '../../core/config/catalogs.ts';
import { LazuliError } from '../../core/config/errors.ts';
import type { Settings } from '../../core/config/settings.ts';
import { describeChange, describeCounts } from '../catalogs/described.ts';
import { readCatalogs } from '../catalogs/file.ts';
import { maxNumber, named, type Options, open } from '../catalogs/opened.ts';
import { putCommand, restoreCommand } from '../catalogs/put.ts';
import { linesOf, type Output, printResult, table } from '../output.ts';
import { wholeNumber, withSettings } from '../settings.ts';

const maxHistory = 1000;

/** `lazuli catalogs`: which catalogs and sources a deployment has, by versions. */
export function catalogsCommand(output: Output): Command {
  const command = new Command('catalogs')
    .description('Show or change the catalogs of a deployment, with all their sources, without deploying it anew.')
    .addHelpText(
      'after',
      `
Each change is a version, which never changes; the newest that can be used counts. Settings with "catalogsFrom": "staging"
name them.

Examples:
  lazuli catalogs get --json > catalogs.json
  lazuli catalogs put catalogs.json --message 'two sources of the lung network' --dry-run
  lazuli catalogs diff 7 8
  lazuli catalogs restore 7`,
    );
  const add = (child: Command) => command.addCommand(withSettings(child.option('--json', 'print JSON')));
  add(getCommand(output));
  add(putCommand(output));
  add(restoreCommand(output));
  add(diffCommand(output));
  add(historyCommand(output));
  return command;
}

function getCommand(output: Output): Command {
  return new Command('get')
    .description('Show the catalogs; with --json all of them, as `put` takes them.')
    .option('--version <n>', 'those of that version (default: those that count)', wholeNumber(1, maxNumber))
    .action(async (options: Options & { version?: number }) => {
      const { settings, versions } = await open(options);
      const version =
        options.version === undefined ? await counting(settings, versions) : await named(versions, options.version);
      const rows = Object.entries(version.catalogs).map(([name, { atlas, internal, plugins, sources }]) => [
        ...[name, atlas, internal ? 'yes' : 'no', plugins.metadata.name, plugins.repository.name, sources.length],
      ]);
      const from = version.number === null ? 'of the settings' : `version ${version.number}`;
      const head = ['catalog', 'atlas', 'internal', 'metadata', 'repository', 'sources'];
      printResult(output, options.json, { version: version.number, catalogs: version.given }, [
        from,
        ...table(head, rows),
      ]);
    });
}

function diffCommand(output: Output): Command {
  return new Command('diff')
    .description('Show what differs between two versions, or between what counts and a file.')
    .argument('[from]', 'number of a version; alone it is compared with what counts (default: the one before)')
    .argument('[to]', 'number of a version, or a file (default: what counts)')
    .action(async (from: string | undefined, to: string | undefined, options: Options) => {
      const { settings, versions } = await open(options);
      const [one, other] = await compared(settings, versions, from, to);
      const change = changeOf(one.catalogs, other.catalogs);
      const names = `${one.name} → ${other.name}`;
      printResult(output, options.json, { from: one.name, to: other.name, ...change }, [
        names,
        ...describeChange(change),
      ]);
    });
}

interface Side {
  readonly name: string;
  readonly catalogs: Catalogs;
}

async function compared(
  settings: Settings,
  versions: CatalogVersions,
  from: string | undefined,
  to: string | undefined,
): Promise<readonly [Side, Side]> {
  const current = async (): Promise<Side> => sideOf(await counting(settings, versions));
  if (from !== undefined && to === undefined && !isNumber(from)) return [await current(), await sideAt(from, versions)];
  const target = to === undefined ? await current() : await sideAt(to, versions);
  if (from !== undefined) return [await sideAt(from, versions), target];
  const [last = 0] = await versions.numbers(1);
  const before = last < 2 ? null : await versions.read(last - 1);
  return [before === null ? { name: 'nothing', catalogs: {} } : sideOf(before), target];
}

const isNumber = (text: string): boolean => /^\d{1,8}$/.test(text);

async function sideAt(place: string, versions: CatalogVersions): Promise<Side> {
  if (isNumber(place)) return sideOf(await named(versions, Number(place)));
  return { name: place, catalogs: parseCatalogs((await readCatalogs(place)).catalogs, place) };
}

const sideOf = ({ number, catalogs }: Counting): Side => ({
  name: number === null ? 'the settings' : `version ${number}`,
  catalogs,
});

function historyCommand(output: Output): Command {
  return new Command('history')
    .description('List the versions, the latest first.')
    .option('--limit <n>', 'at most so many', wholeNumber(1, maxHistory), 20)
    .action(async (options: Options & { limit: number }) => {
      const { versions } = await open(options);
      const numbers = await versions.numbers(options.limit);
      const listed = [];
      for (const number of numbers) listed.push(await entryOf(versions, number));
      const rows = listed.map(({ version, put: at, by, message, changes, unusable }) => [
        ...[
          version,
          at,
          by,
          unusable === null ? (changes === null ? '' : describeCounts(changes)) : `unusable: ${unusable}`,
        ],
        message ?? '',
      ]);
      const head = ['version', 'put', 'by', 'changes', 'message'];
      printResult(output, options.json, listed, rows.length === 0 ? 'no versions' : table(head, rows));
    });
}

/** A line of the history. */
async function entryOf(versions: CatalogVersions, version: number) {
  const none = { put: null, by: null, message: null, restores: null, changes: null };
  try {
    const found = await versions.read(version);
    if (found === null) return { version, ...none, unusable: 'it is gone' };
    const { put, by, message, restores, changes } = found;
    return { version, put, by, message, restores, changes, unusable: null };
  } catch (error) {
    if (!(error instanceof LazuliError) || error.code !== 'configuration_invalid') throw error;
    return { version, ...none, unusable: linesOf(error.message).join(' ') };
  }
}

/** Catalogs that count; the number is null where the settings have them. */
type Counting = Pick<CatalogsVersion, 'catalogs' | 'given'> & { readonly number: number | null };

async function counting({ catalogs, catalogsFrom }: Settings, versions: CatalogVersions): Promise<Counting> {
  if (catalogsFrom === undefined) return { number: null, catalogs, given: catalogs };
  const newest = await versions.newest();
  if (newest.version !== null) return newest.version;
  throw nothing(newest);
}

function nothing({ unusable: [first] }: Newest): LazuliError {
  if (first !== undefined) return first.error;
  return new LazuliError('not_found', 'There is no version of the catalogs yet.', {
    remedy: 'Put the first one: `lazuli catalogs put FILE`.',
  });
}
