import { Command } from 'commander';
import { LazuliError } from '../../core/config/errors.ts';
import type { Settings } from '../../core/config/settings.ts';
import type { BundleFqid } from '../../core/model/bundle.ts';
import type { Action } from '../../core/staged/layout.ts';
import { confirmed } from '../confirmed.ts';
import type { Output } from '../output.ts';
import { notifyOf } from '../pipeline/notifying.ts';
import { listedBundles } from '../pipeline/repository.ts';
import { chooseCatalog, loadSettings, type SettingsOptions, withSettings } from '../settings.ts';
import { bundleCopyCommand } from './bundle-copy.ts';

interface BundleOptions extends SettingsOptions {
  readonly catalog?: string;
  readonly sourceId?: string;
  readonly sourceSpec?: string;
  readonly all?: true;
  readonly yes?: true;
  readonly json?: true;
}

/** `lazuli bundle`: notify the indexer, or copy bundles. */
export function bundleCommand(output: Output): Command {
  const command = new Command('bundle')
    .description(
      'Notify the indexer that bundles were added or deleted, or that a deletion was a mistake. It signs the notifications. Or copy bundles between data stores.',
    )
    .addHelpText(
      'after',
      `
Examples:
  lazuli bundle add 56a338fe-7554-4b5d-96a2-7df127a7640b 2018-03-28T15:10:23.074974Z
  lazuli bundle add --all --catalog hca
  lazuli bundle delete 56a338fe-7554-4b5d-96a2-7df127a7640b 2018-03-28T15:10:23.074974Z \\
      --source-id 42848d8f-ecdc-5b32-a667-a7b5aedfc9f5 --source-spec https://data.example/v1:/2`,
    );
  command.addCommand(actionCommand(output, 'add').description('Have bundles indexed.'));
  command.addCommand(actionCommand(output, 'delete').description('Have bundles removed from the index.'));
  command.addCommand(
    actionCommand(output, 'restore', 'undelete').description(
      'Take deletions back: what was staged of the bundles counts again.',
    ),
  );
  command.addCommand(bundleCopyCommand(output));
  return command;
}

/** @param name of the command; notifications call `restore` what is `undelete` everywhere else */
function actionCommand(output: Output, action: Action, name: string = action): Command {
  const command = new Command(name)
    .argument('[uuid]', 'of the bundle')
    .argument('[version]', 'of the bundle; default: every version that the repository lists')
    .option('--catalog <name>', 'the catalog; not needed where there is only one')
    .option('--source-id <id>', 'of the source; default: that of the bundle in the repository')
    .option('--source-spec <spec>', 'of the source, with --source-id: the repository is not asked')
    .option('--all', 'every bundle that the repository lists')
    .option('--json', 'print the result as JSON');
  if (action === 'delete') command.option('--yes', 'with --all: do not ask');
  return withSettings(command).action(
    async (uuid: string | undefined, version: string | undefined, options: BundleOptions) => {
      const settings = await loadSettings(options);
      const catalog = chooseCatalog(settings, options.catalog);
      const fqids = await bundles(settings, catalog, uuid, version, options);
      if (action === 'delete' && options.all && !options.yes)
        await confirmed(`Delete ${fqids.length} bundles of catalog ${catalog}`, catalog, 'Nothing was deleted.');
      await notifyOf(settings, { catalog, action, fqids, json: options.json }, output);
    },
  );
}

/** @throws LazuliError `usage` when it isn't clear which, `bundle_missing` when the repository has none of them */
async function bundles(
  settings: Settings,
  catalog: string,
  uuid: string | undefined,
  version: string | undefined,
  { sourceId, sourceSpec, all }: BundleOptions,
): Promise<readonly BundleFqid[]> {
  if ((uuid === undefined) === (all === undefined)) {
    throw new LazuliError('usage', 'Which bundles?', { remedy: 'Give a uuid and a version, or --all.' });
  }
  if (sourceId !== undefined && sourceSpec !== undefined && uuid !== undefined && version !== undefined) {
    return [{ source: { id: sourceId, spec: sourceSpec }, uuid: uuid.toLowerCase(), version }];
  }
  if (sourceSpec !== undefined) {
    throw new LazuliError('usage', '--source-spec needs uuid, version and --source-id.', {
      remedy: 'Give all four, or leave out --source-spec.',
    });
  }
  const found: BundleFqid[] = [];
  for await (const fqid of listedBundles(settings, catalog, uuid?.toLowerCase() ?? '')) {
    const wanted = (sourceId ?? fqid.source.id) === fqid.source.id && (version ?? fqid.version) === fqid.version;
    if (wanted) found.push(fqid);
  }
  if (found.length > 0) return found;
  throw new LazuliError('bundle_missing', `The repository of ${catalog} lists no such bundle.`, {
    remedy: 'Check uuid and version. With --source-id and --source-spec the repository is not asked.',
  });
}
