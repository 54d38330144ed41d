import { existsSync } from 'node:fs';
import type { Settings } from '../../core/config/settings.ts';
import { openDeadLetters, openStaging } from '../../core/deployment/stores.ts';
import { StagedBatches } from '../../core/staged/batches.ts';
import { Fed } from '../pipeline/fed.ts';
import { LetterLook, noFailures } from '../pipeline/letters.ts';
import { bundlesBySource } from '../pipeline/staged.ts';
import { unaccounted } from '../pipeline/status.ts';
import type { Folders } from './folders.ts';

/**
 * Whether what was fed may have gone with the records of the streams, or with the staged batches. To be asked before a
 * stack starts, which makes these folders.
 *
 * @param kinesisUrl of the user's own streams, which are not in the data folder
 */
export const isLossy = ({ emulator, staging }: Folders, kinesisUrl: string | undefined): boolean =>
  !existsSync(staging) || (kinesisUrl === undefined && !existsSync(emulator));

/**
 * Forgets what was fed, and is neither staged nor with the dead letters: nobody has it any more, and everybody would wait
 * for it. Some of it may be on its way all the same: fed twice, it changes nothing.
 */
export async function forgetLost(settings: Settings, warn: (message: string) => void): Promise<void> {
  const store = await openStaging(settings);
  const catalogs = Object.keys(settings.catalogs);
  const failures = await new LetterLook(await openDeadLetters(settings), catalogs).byCatalog();
  for (const catalog of catalogs) {
    const fed = new Fed(settings, catalog);
    const staged = bundlesBySource((await new StagedBatches(store, catalog).readable()).manifests);
    const lost = unaccounted(fed, staged, failures.get(catalog) ?? noFailures);
    if (lost.length === 0) continue;
    fed.forget(lost);
    warn(
      `${lost.length} notifications of catalog ${catalog} were fed earlier and are lost, because folders of the data folder were removed. Those whose bundles are there are fed again`,
    );
  }
}
