import { Command } from 'commander';
import { untilAskedToEnd } from '../asked-to-end.ts';
import { exportDocuments } from '../export/documents.ts';
import { inMegabytes } from '../manifest/progress.ts';
import { type Output, printResult } from '../output.ts';
import { type CatalogOptions, chooseCatalog, loadSettings, someText, withCatalog } from '../settings.ts';
import { quietSteps, steps } from '../up/progress.ts';

interface DocumentsOptions extends CatalogOptions {
  readonly entityType?: string;
  readonly output?: string;
  readonly force?: true;
}

/** `lazuli export`: what a catalog has, as files. */
export function exportCommand(output: Output): Command {
  const command = new Command('export')
    .description('Write what a catalog has to files, straight from where it is staged.')
    .addHelpText(
      'after',
      `
Examples:
  lazuli export documents
  lazuli export documents --catalog hca --entity-type files -o hca-files.parquet`,
    );
  command.addCommand(documentsCommand(output));
  return command;
}

function documentsCommand(output: Output): Command {
  const command = new Command('documents')
    .description('Write all published documents of an entity type as Parquet.')
    .option('--entity-type <type>', 'of the documents (default: that of manifests)', someText)
    .option('-o, --output <file>', 'a file, or a folder for <catalog>-<entity type>.parquet (default: here)', someText)
    .option('--force', 'replace a file that exists')
    .addHelpText(
      'after',
      `
A row is a document, in no particular order: "entity_id", "source_ids", "bundle_uuids", …, the JSON text "body", and a
column "role.field" for each field that searches or manifests name, typed, lists as lists, nothing cut. The documents are
those of the newest snapshot, which lazuli status shows, of all sources. The service is not asked.`,
    );
  return withCatalog(command).action((options: DocumentsOptions) =>
    untilAskedToEnd(async (signal) => {
      const settings = await loadSettings(options);
      const { entityType, force, output: target } = options;
      const wanted = { catalog: chooseCatalog(settings, options.catalog), entityType, force, target };
      const shown = options.json || !output.terminal ? quietSteps : steps(output);
      const made = await shown.run('documents', (say) => exportDocuments(settings, wanted, signal, say));
      const { file, rows, bytes, snapshot } = made;
      const what = `${rows} documents of snapshot ${snapshot.number}, ${inMegabytes(bytes)}`;
      printResult(output, options.json, made, `wrote ${file}: ${what}`);
    }),
  );
}
