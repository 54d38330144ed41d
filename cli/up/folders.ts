import { join } from 'node:path';

/** What a data folder holds. All paths are absolute when the data folder's is. */
export function folders(data: string) {
  return {
    data,
    config: join(data, 'lazuli.json'),
    /** the catalogs that folders of bundles made at the last start */
    catalogs: join(data, 'catalogs.json'),
    hmacKey: join(data, 'hmac-key.json'),
    staging: join(data, 'staging'),
    state: join(data, 'state'),
    deadLetters: join(data, 'dead-letters'),
    exports: join(data, 'exports'),
    opensearch: join(data, 'opensearch'),
    emulator: join(data, 'kinesis'),
    /** generated bundles, a folder for each seed and number */
    bundles: join(data, 'bundles'),
    logs: join(data, 'logs'),
  };
}

export type Folders = ReturnType<typeof folders>;
