import { Command } from 'commander';
import { LazuliError } from '../../core/config/errors.ts';
import { shownIssues } from '../../core/config/issues.ts';
import type { Settings } from '../../core/config/settings.ts';
import { type CheckedApi, checkApi, registerAccounts } from '../../plugins/repository/tdr/api/check.ts';
import { openApi } from '../../plugins/repository/tdr/api/open.ts';
import { type ApiSettings, apiSettings } from '../../plugins/repository/tdr/api/options.ts';
import { ExitCode, failure, type Output, printResult, table } from '../output.ts';
import { type CatalogOptions, chooseCatalog, loadSettings, withCatalog } from '../settings.ts';

interface TdrCatalog {
  readonly catalog: string;
  readonly settings: ApiSettings;
  readonly sources: readonly string[];
}

/** All that one of these commands may take. */
const commandMillis = 900_000;

/** `lazuli tdr`: what an operator does once for snapshots in the Terra Data Repository. */
export function tdrCommand(output: Output): Command {
  const command = new Command('tdr')
    .description('Catalogs whose sources are in the Terra Data Repository.')
    .addHelpText(
      'after',
      `
Examples:
  lazuli tdr register                   make the service accounts known, once
  lazuli tdr check                      whether all sources can be indexed and seen
  lazuli tdr check --catalog anvil --json`,
    );
  command.addCommand(checkCommand(output));
  command.addCommand(registerCommand(output));
  return command;
}

function checkCommand(output: Output): Command {
  const command = new Command('check').description(
    'Check accounts and sources: names, projects, locations, permissions, prefixes. The exit code is 1 where anything is wrong.',
  );
  return withCatalog(command).action(async (options: CatalogOptions) => {
    const checked: (CheckedApi & { readonly catalog: string })[] = [];
    for (const { catalog, settings, sources } of await chosen(options)) {
      const signal = AbortSignal.timeout(commandMillis);
      checked.push({ catalog, ...(await checkApi(openApi(settings), sources, signal)) });
    }
    printResult(output, options.json, checked, checked.flatMap(shown));
    const isWrong = checked.some(({ accounts, sources }) =>
      [...accounts, ...sources].some(({ problems }) => problems.length > 0),
    );
    if (isWrong) throw new ExitCode(failure);
  });
}

function registerCommand(output: Output): Command {
  const command = new Command('register').description(
    'Register the service accounts with SAM. Membership of groups, which gives access, is given by their administrators.',
  );
  return withCatalog(command).action(async (options: CatalogOptions) => {
    const registered = [];
    for (const { catalog, settings } of await chosen(options)) {
      const accounts = await registerAccounts(openApi(settings), AbortSignal.timeout(commandMillis));
      registered.push(...accounts.map((account) => ({ catalog, ...account })));
    }
    const rows = registered.map(({ catalog, name, email, outcome }) => [catalog, name, email, outcome]);
    printResult(output, options.json, registered, table(['catalog', 'account', 'e-mail', 'SAM'], rows));
  });
}

/** The catalogs that ask the repository itself. @throws LazuliError `usage`, `configuration_invalid` */
async function chosen(options: CatalogOptions): Promise<readonly TdrCatalog[]> {
  const settings = await loadSettings(options);
  const names =
    options.catalog === undefined ? Object.keys(settings.catalogs) : [chooseCatalog(settings, options.catalog)];
  const found = names.flatMap((name) => inRepository(name, settings));
  if (found.length > 0) return found;
  throw new LazuliError('usage', 'There is no catalog whose sources are in the Terra Data Repository.', {
    remedy: 'Give its repository plug-in `tdr` the option `api`.',
  });
}

function inRepository(catalog: string, { catalogs }: Settings): readonly TdrCatalog[] {
  const { plugins, sources } = catalogs[catalog] ?? {};
  const { name, ...options } = plugins?.repository ?? { name: '' };
  if (name !== 'tdr' || !('api' in options)) return [];
  const result = apiSettings.safeParse(options);
  if (result.success) return [{ catalog, settings: result.data, sources: sources ?? [] }];
  throw new LazuliError('configuration_invalid', `Catalog '${catalog}': ${shownIssues(result.error)}`, {
    place: { catalog },
    remedy: 'Correct the options of its repository plug-in.',
  });
}

function shown({ catalog, accounts, sources }: CheckedApi & { readonly catalog: string }): readonly string[] {
  const state = (problems: readonly string[]): string => (problems.length === 0 ? 'fine' : problems.join('; '));
  return [
    ...table(
      ['catalog', 'account', 'e-mail', 'state'],
      accounts.map(({ name, email, problems }) => [catalog, name, email ?? '', state(problems)]),
    ),
    ...table(
      ['source', 'bundles', 'public', 'state'],
      sources.map(({ spec, bundles, isPublic, problems }) => [
        ...[spec, bundles ?? '', isPublic ? 'yes' : 'no', state(problems)],
      ]),
    ),
  ];
}
