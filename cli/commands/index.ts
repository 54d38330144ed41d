import { Command } from 'commander';
import { LazuliError } from '../../core/config/errors.ts';
import type { Settings } from '../../core/config/settings.ts';
import { metadataPlugin } from '../../plugins/registry.ts';
import {
  createGeneration,
  dropGeneration,
  type Generation,
  type GenerationsOf,
  listGenerations,
  swapGenerations,
} from '../../transform/generations/indices.ts';
import { openSearchCluster } from '../../transform/sink/search-cluster.ts';
import { type Output, printResult, table } from '../output.ts';
import { type CatalogOptions, chooseCatalog, loadSettings, wholeNumber, withCatalog } from '../settings.ts';

interface DeleteOptions extends CatalogOptions {
  readonly generation?: number;
  readonly serving?: true;
}

/** `lazuli index`: the indices of catalogs, a generation at a time. */
export function indexCommand(output: Output): Command {
  const command = new Command('index')
    .description('Create, delete or list indices. A generation is one index per entity type of a catalog.')
    .addHelpText(
      'after',
      `
Examples:
  lazuli index list
  lazuli index create --catalog hca
  lazuli index delete --catalog hca --generation 1`,
    );
  command.addCommand(listCommand(output));
  command.addCommand(createCommand(output));
  command.addCommand(deleteCommand(output));
  return command;
}

function listCommand(output: Output): Command {
  const command = new Command('list').description('List the generations of every catalog, or of one.');
  return withCatalog(command).action(async (options: CatalogOptions) => {
    const settings = await loadSettings(options);
    const names =
      options.catalog === undefined ? Object.keys(settings.catalogs) : [chooseCatalog(settings, options.catalog)];
    const listed: (Generation & { readonly catalog: string })[] = [];
    for (const catalog of names) {
      const generations = await withGenerations(settings, catalog, listGenerations);
      listed.push(...generations.map((generation) => ({ catalog, ...generation })));
    }
    const rows = listed.map(({ catalog, number, serves, indices }) => [
      catalog,
      number,
      serves ? 'yes' : '',
      indices.join(' '),
    ]);
    printResult(
      output,
      options.json,
      listed,
      rows.length === 0 ? ['no indices'] : table(['catalog', 'generation', 'serves', 'indices'], rows),
    );
  });
}

function createCommand(output: Output): Command {
  const command = new Command('create').description(
    'Create the indices of a catalog that has none; the transform worker does so by itself when it starts.',
  );
  return withCatalog(command).action(async (options: CatalogOptions) => {
    const settings = await loadSettings(options);
    const catalog = chooseCatalog(settings, options.catalog);
    const created = await withGenerations(settings, catalog, async (of) => {
      if ((await listGenerations(of)).length > 0) return false;
      await createGeneration(of, 1);
      await swapGenerations(of, null, 1);
      return true;
    });
    const said = created ? `created indices of ${catalog}` : `${catalog} has indices already; nothing was done`;
    printResult(output, options.json, { catalog, created }, said);
  });
}

function deleteCommand(output: Output): Command {
  const command = new Command('delete')
    .description('Delete indices. They are derived: `lazuli reindex` makes them again from the staged batches.')
    .option(
      '--generation <n>',
      'only this generation (default: every one that does not serve)',
      wholeNumber(1, 2 ** 31),
    )
    .option('--serving', 'also the generation that serves: the catalog is empty until it is indexed again');
  return withCatalog(command).action(async (options: DeleteOptions) => {
    const settings = await loadSettings(options);
    const catalog = chooseCatalog(settings, options.catalog);
    const deleted = await withGenerations(settings, catalog, (of) => deleteGenerations(of, options));
    const said = deleted.length === 0 ? 'nothing to delete' : deleted.map((index) => `deleted ${index}`);
    printResult(output, options.json, { catalog, deleted }, said);
  });
}

async function deleteGenerations(of: GenerationsOf, { generation, serving }: DeleteOptions): Promise<string[]> {
  const generations = await listGenerations(of);
  if (generation !== undefined && !generations.some(({ number }) => number === generation)) {
    throw new LazuliError('not_found', `${of.catalog} has no generation ${generation}.`, {
      remedy: '`lazuli index list` shows which there are.',
    });
  }
  const chosen = generations.filter(({ number, serves }) =>
    generation === undefined ? serving || !serves : number === generation,
  );
  for (const one of chosen) await dropGeneration(of, serving ? { ...one, serves: false } : one);
  return chosen.flatMap(({ indices }) => indices);
}

async function withGenerations<T>(
  settings: Settings,
  catalog: string,
  work: (of: GenerationsOf) => Promise<T>,
): Promise<T> {
  const { deployment, opensearch, catalogs } = settings;
  const cluster = openSearchCluster(opensearch.url);
  try {
    const { plugins, index } = catalogs[catalog] ?? {};
    const plugin = await metadataPlugin(plugins?.metadata.name ?? '', settings);
    return await work({ cluster, deployment, catalog, plugin, index });
  } finally {
    await cluster.close();
  }
}
