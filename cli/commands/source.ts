import { Command } from 'commander';
import { LazuliError } from '../../core/config/errors.ts';
import type { Settings } from '../../core/config/settings.ts';
import { ownerOf } from '../../core/control/workers.ts';
import type { BundleFqid } from '../../core/model/bundle.ts';
import { type Output, printResult, table } from '../output.ts';
import { catalogStates } from '../pipeline/catalogs.ts';
import { Fed } from '../pipeline/fed.ts';
import { notifyOf } from '../pipeline/notifying.ts';
import { listedBundles, repositoryOf, together } from '../pipeline/repository.ts';
import { type CatalogOptions, chooseCatalog, loadSettings, withCatalog } from '../settings.ts';

/** A source of a catalog. */
interface SourceState {
  readonly id: string;
  readonly spec: string;
  /** whether the repository, as it is configured, has it */
  readonly listed: boolean;
  /** bundle versions in the store */
  readonly stored: number;
  /** bundles that count */
  readonly selected: number;
}

/** `lazuli source`: sources of a catalog, one at a time, without touching the others. */
export function sourceCommand(output: Output): Command {
  const command = new Command('source')
    .description('Add, remove or list the sources of a catalog. Only what a source has a part in is indexed again.')
    .addHelpText(
      'after',
      `
Examples:
  lazuli source list
  lazuli source add 42848d8f-ecdc-5b32-a667-a7b5aedfc9f5
  lazuli source remove 42848d8f-ecdc-5b32-a667-a7b5aedfc9f5 --catalog hca`,
    );
  command.addCommand(listCommand(output));
  command.addCommand(addCommand(output));
  command.addCommand(removeCommand(output));
  return command;
}

function listCommand(output: Output): Command {
  const command = new Command('list').description('List sources: those of the repository, and those that are stored.');
  return withCatalog(command).action(async (options: CatalogOptions) => {
    const settings = await loadSettings(options);
    const sources = await sourcesOf(settings, chooseCatalog(settings, options.catalog));
    const rows = sources.map(({ id, spec, listed, stored, selected }) => [
      ...[id, spec, listed ? 'yes' : 'no', stored, selected],
    ]);
    printResult(
      output,
      options.json,
      sources,
      rows.length === 0 ? ['no sources'] : table(['source', 'spec', 'in the repository', 'stored', 'selected'], rows),
    );
  });
}

function addCommand(output: Output): Command {
  const command = new Command('add')
    .description('Have all bundles of a source indexed. The configuration must have it.')
    .argument('<source>', 'its id or its spec');
  return withCatalog(command).action(async (source: string, options: CatalogOptions) => {
    const settings = await loadSettings(options);
    const catalog = chooseCatalog(settings, options.catalog);
    const fqids: BundleFqid[] = [];
    for await (const fqid of listedBundles(settings, catalog))
      if (fqid.source.id === source || fqid.source.spec === source) fqids.push(fqid);
    if (fqids.length === 0) throw nothing(`The repository of ${catalog} lists no bundles of source ${source}.`);
    await notifyOf(settings, { catalog, action: 'add', fqids, json: options.json }, output);
  });
}

function removeCommand(output: Output): Command {
  const command = new Command('remove')
    .description('Remove everything of a source: documents, replicas and what is staged.')
    .argument('<source>', 'its id or its spec')
    .addHelpText(
      'after',
      `
Take it out of the configuration first: what is notified of it later is indexed again. It is done within a minute
or so; other sources are not touched, but for documents that they share with it.`,
    );
  return withCatalog(command).action(async (source: string, options: CatalogOptions) => {
    const settings = await loadSettings(options);
    const catalog = chooseCatalog(settings, options.catalog);
    const found = (await sourcesOf(settings, catalog)).find(({ id, spec }) => id === source || spec === source);
    // One that has deletions only is not listed: its id is taken as it is.
    const id = found?.id ?? source;
    await ownerOf(settings, catalog).removeSource({ catalog, source: id });
    new Fed(settings, catalog).dropSource(id);
    printResult(output, options.json, { catalog, source: id }, `source ${id} of ${catalog} will be removed`);
  });
}

async function sourcesOf(settings: Settings, catalog: string): Promise<readonly SourceState[]> {
  const repository = await repositoryOf(settings, catalog);
  const [sources, states] = await together(
    (signal) => repository.listSources(signal),
    () => catalogStates(settings),
  );
  const listed = new Map(sources.map(({ id, spec }) => [id, spec]));
  const stored = new Map((states[catalog]?.sources ?? []).map((source) => [source.id, source]));
  return [...new Set([...listed.keys(), ...stored.keys()])].sort().map((id) => ({
    id,
    spec: listed.get(id) ?? stored.get(id)?.spec ?? '',
    listed: listed.has(id),
    stored: stored.get(id)?.stored ?? 0,
    selected: stored.get(id)?.selected ?? 0,
  }));
}

function nothing(message: string): LazuliError {
  return new LazuliError('not_found', message, {
    remedy: 'Add it to the catalog in the configuration; `lazuli source list` shows what there is.',
  });
}
