import { Command } from 'commander';
import type { Verification } from '../../core/control/verification.ts';
import { ownerOf } from '../../core/control/workers.ts';
import { openStaging } from '../../core/deployment/stores.ts';
import { mismatchText } from '../../transform/reference/mismatch.ts';
import { ExitCode, failure, json, type Output, printLines, printMessage, table } from '../output.ts';
import { checkDocuments, checkFiles, type Finding, listStaged } from '../pipeline/deep.ts';
import { type CatalogOptions, chooseCatalog, loadSettings, wholeNumber, withCatalog } from '../settings.ts';

interface VerifyOptions extends CatalogOptions {
  readonly generation?: number;
  readonly deep?: true;
}

/** Between two lines that say how far it is. */
const tellMillis = 2_000;

/** `lazuli verify`: whether the index is what the store says, and what is staged is what was. */
export function verifyCommand(output: Output): Command {
  const command = new Command('verify')
    .description(
      'Compare the documents that are served with the columnar store, and what is staged with its manifests.',
    )
    .option('--generation <n>', 'another generation that is kept current', wholeNumber(1, 2 ** 31))
    .option('--deep', 'read every staged file, every file of the newest snapshot and every document')
    .addHelpText(
      'after',
      `
It compares number and content hashes of documents per entity type, source and range of ids. A plain reducer recomputes
some documents, large ones included, and compares them member by member; those too large for it are recomputed by the
statements that made them. Index mappings are compared with generated ones, files of the snapshot with what was
written to them and with the store, and keys of staged files with manifests.

--deep compares everything with what was noted when it was written: staged files and those of the newest snapshot with
their SHA-256, and each document of the index, byte by byte, with the hash in the store's ledger, whatever hash the
document says it has. It reads as much as there is, in bounded memory, and says on standard error how far it is; the
worker does its other work in between. Where staging is a bucket, files are fetched to the mirror.

What is found is printed with the command that corrects it. Exit code 1: something differs.

Examples:
  lazuli verify
  lazuli verify --deep --json
  lazuli verify --catalog hca --generation 3`,
    );
  return withCatalog(command).action(async (options: VerifyOptions) => {
    const settings = await loadSettings(options);
    const catalog = chooseCatalog(settings, options.catalog);
    const { deep, generation } = options;
    const store = await openStaging(settings);
    const tell = now(output);
    const files = deep ? await checkFiles(store, catalog, tell) : await listStaged(store, catalog);
    if (!options.json) printFindings(files.findings, output);
    const found = await ownerOf(settings, catalog).verify({ catalog, generation });
    if (!options.json) describe(catalog, found, output);
    const owner = ownerOf(settings, catalog);
    const documents = deep ? await checkDocuments(owner, catalog, found.generation, tell) : null;
    const findings = [...files.findings, ...(documents?.findings ?? [])];
    if (options.json) {
      const { manifests, files: read, bytes } = files;
      const checked = documents && { deep: { manifests, files: read, bytes, documents: documents.documents } };
      output.data(json({ catalog, ...found, ...checked, findings }));
    } else if (documents !== null) {
      printFindings(documents.findings, output);
      output.out(`read: ${files.manifests} manifests, ${files.files} files, ${documents.documents} documents`);
    }
    if (findings.length > 0 || differs(found)) throw new ExitCode(failure);
  });
}

const differs = ({ differences, others, mappings, snapshot }: Verification): boolean =>
  [differences, others, mappings, snapshot.differences, snapshot.files].some(({ length }) => length > 0);

/** Says how far it is, now and then, where nothing else is printed. */
function now({ err }: Output): (line: string) => void {
  let told = Date.now();
  return (line) => {
    if (Date.now() < told + tellMillis) return;
    told = Date.now();
    err(`checked: ${line}`);
  };
}

function printFindings(findings: readonly Finding[], { out }: Output): void {
  for (const [remedy, some] of Map.groupBy(findings, (one) => one.remedy)) {
    for (const { kind, name, problem } of some) printMessage(out, `${kind} ${name}: ${problem}`);
    printMessage(out, `remedy: ${remedy}`);
  }
}

function describe(catalog: string, found: Verification, output: Output): void {
  const { generation, documents, recomputed, largest, dead, differences, others, mappings, snapshot } = found;
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
  for (const other of others) printMessage(output.out, `not what it should be: ${mismatchText(other.document, other)}`);
  if (differs(found))
    output.out(`remedy: Build another generation, with another snapshot: \`lazuli reindex --catalog ${catalog}\`.`);
}
