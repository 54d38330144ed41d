import { Command } from 'commander';
import { ownerOf } from '../../core/control/workers.ts';
import { mismatchText } from '../../transform/reference/mismatch.ts';
import { ExitCode, failure, json, type Output, printLines, printMessage, table } from '../output.ts';
import { type CatalogOptions, chooseCatalog, loadSettings, wholeNumber, withCatalog } from '../settings.ts';

interface VerifyOptions extends CatalogOptions {
  readonly generation?: number;
}

/** `lazuli verify`: whether the index is what the store says. */
export function verifyCommand(output: Output): Command {
  const command = new Command('verify')
    .description('Compare the documents that are served with the columnar store.')
    .option('--generation <n>', 'another generation that is kept current', wholeNumber(1, 2 ** 31))
    .addHelpText(
      'after',
      `
It compares number and content hashes of documents per entity type, source and range of ids. A plain reducer recomputes
some documents, large ones included, and compares them member by member; those too large for it are recomputed by the
statements that made them. Index mappings are compared with generated ones, and files of the snapshot with what was
written to them and with the store. Exit code 1: something differs.

Examples:
  lazuli verify
  lazuli verify --catalog hca --generation 3`,
    );
  return withCatalog(command).action(async (options: VerifyOptions) => {
    const settings = await loadSettings(options);
    const catalog = chooseCatalog(settings, options.catalog);
    const found = await ownerOf(settings, catalog).verify({ catalog, generation: options.generation });
    const { generation, documents, recomputed, largest, dead, differences, others, mappings, snapshot } = found;
    if (options.json) output.data(json({ catalog, ...found }));
    else {
      output.out(
        `generation ${generation} of ${catalog}: ${documents} documents counted, ${recomputed} computed again, ${dead} left out as dead letters`,
      );
      const large = largest.map(({ document, bundles, by }) => [document, bundles, by]);
      if (large.length > 0) printLines(output.out, table(['large document', 'bundles', 'computed again by'], large));
      const rows = differences.map(({ entityType, source, from, store, index }) => [
        ...[entityType, source, from, store.documents, index.documents],
      ]);
      if (rows.length > 0) printLines(output.out, table(['entity type', 'source', 'ids from', 'store', 'index'], rows));
      const published = snapshot.differences.map(({ entityType, source, from, store, snapshot: has }) => [
        ...[entityType, source, from, store.documents, has.documents],
      ]);
      if (published.length > 0)
        printLines(output.out, table(['entity type', 'source', 'ids from', 'store', 'snapshot'], published));
      for (const file of snapshot.files) output.out(`not what was written: ${file}`);
      for (const path of mappings) output.out(`not mapped as it should be: ${path}`);
      for (const other of others)
        printMessage(output.out, `not what it should be: ${mismatchText(other.document, other)}`);
    }
    const all = [differences, others, mappings, snapshot.differences, snapshot.files];
    if (all.some(({ length }) => length > 0)) throw new ExitCode(failure);
  });
}
