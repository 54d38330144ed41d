import { Command } from 'commander';
import type { CatalogStatus } from '../../core/control/catalog-status.ts';
import { type Owner, ownerOf } from '../../core/control/workers.ts';
import { type Output, printResult, table } from '../output.ts';
import { catalogStates } from '../pipeline/catalogs.ts';
import { type CatalogOptions, chooseCatalog, loadSettings, wholeNumber, withCatalog } from '../settings.ts';

interface RollbackOptions extends CatalogOptions {
  readonly generation?: number;
}

interface DropOptions extends CatalogOptions {
  readonly generation: number;
}

/** What a generation is good for. */
type Role = 'serves' | 'kept' | 'being built';

interface Listed {
  readonly catalog: string;
  readonly generation: number;
  readonly role: Role;
  /** beside that of the worker's code */
  readonly layout: NonNullable<CatalogStatus['layout']>;
}

const number = wholeNumber(1, 2 ** 31);

/** `lazuli generation`: which set of indices serves, and which ones could. */
export function generationCommand(output: Output): Command {
  const command = new Command('generation')
    .description('Which generations there are, and which of them serves. A generation is a whole set of indices.')
    .addHelpText(
      'after',
      `
After a reindex the former generation is kept current for a while, so that it can serve again at once.
The layout is \`current\` where documents are as the code of the worker declares them; one that is \`former\` or \`later\`
serves until a generation of the current layout is built, and services of either version read it.

Examples:
  lazuli generation list
  lazuli generation rollback --catalog hca
  lazuli generation drop --catalog hca --generation 3`,
    );
  command.addCommand(listCommand(output));
  command.addCommand(rollbackCommand(output));
  command.addCommand(dropCommand(output));
  return command;
}

function listCommand(output: Output): Command {
  const command = new Command('list').description('List the generations that are current, or will be.');
  return withCatalog(command).action(async (options: CatalogOptions) => {
    const settings = await loadSettings(options);
    const catalogs = await catalogStates(settings);
    const chosen = options.catalog === undefined ? Object.keys(catalogs) : [chooseCatalog(settings, options.catalog)];
    const listed = chosen.flatMap((catalog) => rolesOf(catalog, catalogs[catalog]));
    const rows = listed.map(({ catalog, generation, role, layout }) => [catalog, generation, role, layout]);
    printResult(
      output,
      options.json,
      listed,
      rows.length === 0 ? ['no generations'] : table(['catalog', 'generation', 'role', 'layout'], rows),
    );
  });
}

function rolesOf(catalog: string, state: CatalogStatus | undefined): readonly Listed[] {
  if (state === undefined) return [];
  const { generation: serving, kept, rebuild, layout: served } = state;
  // Those of another layout aren't kept current, and none is built.
  const of = (generation: number, role: Role): Listed => {
    return { catalog, generation, role, layout: role === 'serves' ? (served ?? 'current') : 'current' };
  };
  const all = [
    ...(serving === null ? [] : [of(serving, 'serves')]),
    ...kept.map((generation) => of(generation, 'kept')),
    ...(rebuild === null ? [] : [of(rebuild.generation, 'being built')]),
  ];
  return all.sort((a, b) => a.generation - b.generation);
}

function rollbackCommand(output: Output): Command {
  const command = new Command('rollback')
    .description('Let a kept generation serve again. It has everything that was indexed meanwhile.')
    .option('--generation <n>', 'which one (default: the one that served last)', number);
  return withCatalog(command).action(async (options: RollbackOptions) => {
    const { owner, catalog } = await chosen(options);
    const { generation } = await owner.rollBack({ catalog, generation: options.generation });
    printResult(output, options.json, { catalog, generation }, `generation ${generation} of ${catalog} serves`);
  });
}

function dropCommand(output: Output): Command {
  const command = new Command('drop')
    .description('Delete a generation that does not serve, which saves disk and work.')
    .requiredOption('--generation <n>', 'which one', number);
  return withCatalog(command).action(async (options: DropOptions) => {
    const { owner, catalog } = await chosen(options);
    const { generation } = options;
    await owner.drop({ catalog, generation });
    printResult(output, options.json, { catalog, generation }, `deleted generation ${generation} of ${catalog}`);
  });
}

async function chosen(options: CatalogOptions): Promise<{ readonly owner: Owner; readonly catalog: string }> {
  const settings = await loadSettings(options);
  const catalog = chooseCatalog(settings, options.catalog);
  return { owner: ownerOf(settings, catalog), catalog };
}
