import type { Archive } from './archive.ts';
import type { Keys } from './keys.ts';
import type { Leases } from './leases.ts';
import type { Place } from './network.ts';
import type { SearchDomain } from './search.ts';
import type { Secrets } from './secrets.ts';
import type { Storage } from './storage.ts';
import type { Streams } from './streams.ts';
import type { Coordination } from './table.ts';

/** What workers use. */
export interface Resources {
  readonly place: Place;
  readonly keys: Keys;
  readonly secrets: Secrets;
  readonly streams: Streams;
  readonly storage: Storage;
  readonly coordination: Coordination;
  /** absent where one task reads the notifications alone */
  readonly leases?: Leases | undefined;
  readonly archive: Archive;
  readonly search: SearchDomain;
}
