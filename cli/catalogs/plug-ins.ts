import type { CatalogsChange } from '../../core/catalogs/changes.ts';
import type { Catalogs } from '../../core/config/catalogs.ts';
import { LazuliError } from '../../core/config/errors.ts';
import { shownProblems } from '../../core/config/issues.ts';
import { isRefusal } from '../../plugins/opening.ts';
import { metadataPlugin, openRepository, type PluginsFrom } from '../../plugins/registry.ts';

/**
 * Opens the plug-ins of catalogs that are new or changed, as processes will.
 *
 * @throws LazuliError `configuration_invalid`, with the first ten that are refused and how many more there are
 */
export async function expectPlugins(
  catalogs: Catalogs,
  { added, changed }: CatalogsChange,
  from: PluginsFrom,
): Promise<void> {
  const problems: string[] = [];
  for (const name of [...added, ...changed.map(({ catalog }) => catalog)]) {
    const catalog = catalogs[name];
    if (catalog === undefined) continue;
    try {
      await metadataPlugin(catalog.plugins.metadata.name, from);
      await openRepository(catalog, from);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      problems.push(`catalog '${name}': ${error.message}`);
    }
  }
  if (problems.length === 0) return;
  throw new LazuliError('configuration_invalid', `Plug-ins refuse the catalogs: ${shownProblems(problems)}`, {
    remedy: 'Correct the options named above, or run this where the plug-ins find what they need.',
  });
}
