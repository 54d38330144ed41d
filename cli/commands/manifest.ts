import { Command } from 'commander';
import { LazuliError } from '../../core/config/errors.ts';
import { peerUrl } from '../../core/config/peers.ts';
import { listCommand } from '../../core/exports/command-lines.ts';
import { systemClock } from '../../core/runtime/clock.ts';
import { untilAskedToEnd } from '../asked-to-end.ts';
import { openDownload } from '../manifest/download.ts';
import { inMegabytes, made, received } from '../manifest/progress.ts';
import { defaultCatalog, type Ready, untilReady, type Wanted } from '../manifest/requested.ts';
import type { Service } from '../manifest/service.ts';
import { tokenOf } from '../manifest/token.ts';
import { type Output, printResult } from '../output.ts';
import { serviceUrl } from '../service-url.ts';
import { loadSettings, type SettingsOptions, someText, withSettings } from '../settings.ts';
import { signedInToken } from '../sign-in/signed-in.ts';
import { pathIn, placeWhole, requireFree, type Target, targetOf, writeTo } from '../target.ts';
import { quietSteps, type Steps, steps } from '../up/progress.ts';

interface ManifestOptions extends SettingsOptions {
  readonly url?: string;
  readonly catalog?: string;
  readonly format: string;
  readonly filters: string;
  readonly output?: string;
  readonly force?: true;
  readonly tokenFile?: string;
  readonly json?: true;
}

/** `lazuli manifest`: the files of a search, to take home. */
export function manifestCommand(output: Output): Command {
  const command = new Command('manifest')
    .description('Have the service make a manifest of the files that filters select, and download it.')
    .option('--url <url>', 'of the service (default: that of the deployment)', serviceUrl)
    .option('--catalog <name>', 'the catalog (default: that of the service)', someText)
    .option('--format <format>', 'compact, parquet, curl, terra.bdbag, … as the catalog has them', someText, 'compact')
    .option('--filters <json>', 'filters as searches have them', someText, '{}')
    .option('-o, --output <file>', 'a file, a folder, or - for standard output (default: its own name, here)', someText)
    .option('--force', 'replace a file that exists')
    .option(
      '--token-file <file>',
      'with the token of the caller (default: LAZULI_TOKEN, LAZULI_TOKEN_FILE, or that of `lazuli login`)',
    )
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
The file appears when it is whole. Asking again for the same costs nothing: the service keeps manifests for some days.
Filters are {"field": {"is": ["value", null]}}; docs/manifests.md says what each format is for. For curl it prints the
command that downloads the files. With --json, "url" is the manifest's own: anybody who has it can have the file, for an hour at
least.

Examples:
  lazuli manifest --filters '{"organ": {"is": ["brain"]}}' -o brain.tsv
  lazuli manifest --format parquet --catalog hca -o hca.parquet --json
  lazuli manifest --format verbatim.jsonl -o - | jq .
  lazuli manifest --url https://service.example --token-file ~/token --format curl -o files.curlrc`,
    );
  return withSettings(command).action((options: ManifestOptions) =>
    untilAskedToEnd((signal) => take(options, signal, output)),
  );
}

async function take(options: ManifestOptions, signal: AbortSignal, output: Output): Promise<void> {
  const target = targetOf(options.output);
  if (target.kind === 'output' && options.json) throw bothPrinted();
  if (target.kind === 'file') requireFree(target.path, options.force);
  const given = tokenOf(options.tokenFile);
  const url = options.url ?? peerUrl(await loadSettings(options), 'query');
  const clock = systemClock;
  const token = async () => given ?? (await signedInToken(url, { clock, signal }));
  const service: Service = { url, token, clock, signal };
  const wanted: Wanted = {
    catalog: options.catalog ?? (await defaultCatalog(service)),
    ...{ format: options.format, filters: options.filters },
  };
  const shown = options.json || !output.terminal ? quietSteps : steps(output);
  const ready = await shown.run('manifest', (say) => untilReady(service, wanted, (progress) => say(made(progress))));
  const saved = await save(ready, target, { shown, force: options.force, signal, output });
  if (saved === null) return;
  const { catalog, format } = wanted;
  const { rows } = ready;
  const lines = [`wrote ${saved.file}: ${rows === null ? '' : `${rows} rows, `}${inMegabytes(saved.bytes)}`];
  if (format === 'curl') lines.push('Download the files with:', `  ${listCommand(saved.file, (await token())?.shell)}`);
  printResult(output, options.json, { ...saved, rows, format, catalog, url: ready.url }, lines);
}

interface Saving {
  readonly shown: Pick<Steps, 'run'>;
  readonly force: true | undefined;
  readonly signal: AbortSignal;
  readonly output: Output;
}

/** @returns null where it went to standard output */
async function save({ url }: Ready, target: Target, { shown, force, signal, output }: Saving) {
  const { name, bytes: total, content } = await openDownload(url, signal);
  if (target.kind === 'output') {
    await output.bytes(content);
    return null;
  }
  const file = pathIn(target, name ?? 'manifest');
  requireFree(file, force);
  const bytes = await shown.run('download', (say) =>
    placeWhole(file, force, (part) => writeTo(part, content, (done) => say(received(done, total)))),
  );
  return { file, bytes };
}

const bothPrinted = (): LazuliError =>
  new LazuliError('usage', 'Standard output has the manifest, so it has no room for --json.', {
    remedy: 'Name a file with -o, or leave out --json.',
  });
