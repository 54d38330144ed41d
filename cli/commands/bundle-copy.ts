import { Command } from 'commander';
import { LazuliError } from '../../core/config/errors.ts';
import { untilAskedToEnd } from '../asked-to-end.ts';
import { type CopiedBundle, copyBundles } from '../copying/copy.ts';
import { destinationStore, type KnownStore, knownStores, sourceStore } from '../copying/stores.ts';
import { BlobTags } from '../copying/tags.ts';
import { type VersionOptions, versionRule } from '../copying/versions.ts';
import { type WantedOptions, wantedBundles } from '../copying/wanted.ts';
import { ExitCode, failure, type Output, printResult, table } from '../output.ts';
import { type SettingsOptions, someText, withSettings } from '../settings.ts';
import { bar, quietSteps, steps } from '../up/progress.ts';

interface CopyOptions extends SettingsOptions, WantedOptions, VersionOptions {
  readonly from: string;
  readonly to: string;
  readonly replica: string;
  readonly fixTags?: true;
  readonly yesToProtected?: true;
  readonly dryRun?: true;
  readonly json?: true;
}

/** `lazuli bundle copy`: from one data store to another. */
export function bundleCopyCommand(output: Output): Command {
  const command = new Command('copy')
    .description('Copy bundles with their files from one data store (DSS) to another.')
    .requiredOption('--from <url>', 'of the API of the store that has them, as https://dss.example/v1', someText)
    .requiredOption('--to <url>', 'of the API of the store that is to have them', someText)
    .option('--bundle <uuid.version...>', 'bundles; without a version the newest')
    .option('--manifest <file>', 'table (TSV) with the columns bundle_uuid and bundle_version', someText)
    .option('--prefix <hex>', 'only bundles whose uuid begins so')
    .option('--suffix <hex>', 'only bundles whose uuid ends so')
    .option('--replica <name>', 'of both stores', someText, 'aws')
    .option('--keep-version', 'copies have the versions of what is copied (default)')
    .option('--set-version <version>', 'copies have this version, files as bundles')
    .option('--map-version <seconds>', 'copies have versions later by so many seconds, such as 1.374856 or -3600')
    .option('--new-version', 'copies have versions of now, each another one')
    .option('--fix-tags', 'give objects of the source the tags with checksums that they lack')
    .option('--dry-run', 'only say what would be copied')
    .option('--yes-to-protected', 'copy although the configuration protects the destination')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
GOOGLE_APPLICATION_CREDENTIALS names the key file of the service account in whose name the destination is asked. Run the command again
after a failure: what is there already is passed over. With --new-version name only what failed, as other versions are other copies.

Examples:
  lazuli bundle copy --from https://dss.example/v1 --to https://dss.test/v1 --bundle 56a338fe-7554-4b5d-96a2-7df127a7640b
  lazuli bundle copy --from https://dss.example/v1 --to https://dss.test/v1 --manifest manifest.tsv --prefix 4f --map-version 1`,
    );
  return withSettings(command).action((options: CopyOptions) =>
    untilAskedToEnd((signal) => copyAll(options, signal, output)),
  );
}

async function copyAll(options: CopyOptions, signal: AbortSignal, output: Output): Promise<void> {
  const { keepVersion, setVersion, mapVersion, newVersion, replica, dryRun = false } = options;
  const rule = versionRule({ keepVersion, setVersion, mapVersion, newVersion } as VersionOptions, Date.now);
  const find = await knownStores(options);
  const [from, to] = [find(options.from), find(options.to)];
  if (to.isProtected && !options.yesToProtected && !dryRun) throw protectedStore(to);
  const wanted = await wantedBundles(options);
  if (wanted.length === 0) throw noBundles();
  using tags = options.fixTags ? new BlobTags(process.env) : null;
  const copying = {
    source: { store: sourceStore(from), replica, bucket: from.bucket },
    destination: destinationStore(to, dryRun),
    ...{ replica, tags, rule, dryRun, isRepeatable: newVersion === undefined },
  };
  const copied = new Map<number, CopiedBundle>();
  const shown = options.json || !output.terminal ? quietSteps : steps(output);
  await shown.run('copy', (say) =>
    copyBundles(
      copying,
      wanted,
      (bundle, index) => {
        copied.set(index, bundle);
        say(`${bar({ done: copied.size, total: wanted.length })} ${copied.size}/${wanted.length} bundles`);
      },
      signal,
    ),
  );
  report(
    options,
    wanted.flatMap((_, index) => copied.get(index) ?? []),
    output,
  );
}

/** @throws ExitCode where something failed */
function report({ from, to, json }: CopyOptions, done: readonly CopiedBundle[], output: Output): void {
  const count = (outcome: CopiedBundle['outcome']) => done.filter((bundle) => bundle.outcome === outcome).length;
  const [copied, there, planned, failed] = (['copied', 'there', 'planned', 'failed'] as const).map(count);
  const said = [
    [copied, 'copied'],
    [planned, 'would be copied'],
    [there, 'there already'],
    [failed, 'failed'],
  ] as const;
  const sums = said.filter(([number], i) => i === 0 || number !== 0).map(([number, what]) => `${number} ${what}`);
  const failures = done.flatMap(({ uuid, version, failures: own }) =>
    own.map(({ file, reason }) => [version === null ? uuid : `${uuid}.${version}`, file ?? '', reason]),
  );
  const lines = [`${done.length} bundles: ${sums.join(', ')}`];
  if (failures.length > 0) lines.push(...table(['bundle', 'file', 'why not'], failures));
  printResult(output, json, { from, to, copied, there, planned, failed, bundles: done }, lines);
  if (failures.length > 0) throw new ExitCode(failure);
}

const noBundles = (): LazuliError =>
  new LazuliError('usage', 'There are no bundles to copy.', { remedy: 'Check --manifest, --prefix and --suffix.' });

const protectedStore = ({ url }: KnownStore): LazuliError =>
  new LazuliError('usage', `${url} is protected by the configuration. Nothing was copied.`, {
    remedy: 'If you mean that store, add --yes-to-protected; --dry-run says what would be copied.',
  });
