import type { Settings } from '../../core/config/settings.ts';
import { exportSecret } from '../../core/exports/secret.ts';
import { Tokens } from '../../core/exports/tokens.ts';
import { systemClock } from '../../core/runtime/clock.ts';
import { whenNeeded } from '../../core/runtime/when-needed.ts';
import type { Links } from './links.ts';

/** @throws LazuliError where the secret can't be read at the moment */
export type OpenLinks = () => Promise<Links>;

/** Reads the secret, which exports and downloads share, when it is needed, and again where that failed. */
export function linksOf({ deployment, exports, folders }: Settings): OpenLinks {
  return whenNeeded(async () => {
    const secret = await exportSecret({ keyFile: exports.keyFile, stateFolder: folders.state });
    return { tokens: new Tokens(secret, deployment), clock: systemClock };
  });
}
