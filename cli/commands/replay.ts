import { Command, InvalidArgumentError } from 'commander';
import { type Output, printResult } from '../output.ts';
import { replay } from '../pipeline/workers.ts';
import { type CatalogOptions, chooseCatalog, loadSettings, withCatalog } from '../settings.ts';

interface ReplayOptions extends CatalogOptions {
  readonly from: Date;
}

const horizon = 'TRIM_HORIZON';

/** `lazuli replay`: staged batches once more. */
export function replayCommand(output: Output): Command {
  const command = new Command('replay')
    .description('Load staged batches once more, and write the documents that they have a part in.')
    .requiredOption('--from <time>', `batches staged since then, as 2026-11-22T12:00:00Z; or ${horizon}: all`, timeOf)
    .addHelpText(
      'after',
      `
The manifests of staged batches are read, which stay when records have left the stream. What is right already is not
changed; what was lost in the store or in the indices is there again. Fresh indices: \`lazuli reindex\`.

Examples:
  lazuli replay --from 2026-11-22T12:00:00Z
  lazuli replay --from ${horizon} --catalog hca`,
    );
  return withCatalog(command).action(async (options: ReplayOptions) => {
    const settings = await loadSettings(options);
    const catalog = chooseCatalog(settings, options.catalog);
    const batches = await replay(settings, catalog, options.from);
    printResult(output, options.json, { catalog, batches }, `${batches} batches of ${catalog} are loaded once more`);
  });
}

function timeOf(text: string): Date {
  const time = new Date(text === horizon ? 0 : text);
  if (!Number.isNaN(time.getTime())) return time;
  throw new InvalidArgumentError(`It must be a time as in RFC 3339, or ${horizon}.`);
}
