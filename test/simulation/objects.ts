import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { LazuliError } from '../../core/config/errors.ts';
import type { ObjectStore } from '../../core/runtime/ports.ts';
import { isReplacing } from '../../core/staged/layout.ts';
import type { Life } from './life.ts';

/** What goes wrong with a request for an object: it isn't done, or it is and nobody hears of it. */
export interface ObjectFault {
  readonly of: 'get' | 'put' | 'list' | 'delete';
  readonly when: 'before' | 'after';
}

/** What becomes of a file that nobody writes: its end is missing, some bytes are others, or it is gone. */
export const damages = ['torn', 'flipped', 'gone'] as const;
export type Damage = (typeof damages)[number];

/** Objects that outlive the processes of a simulation; tables are files, too, for DuckDB to read. */
export class SimulatedObjects {
  readonly #values = new Map<string, Uint8Array>();
  readonly #folder: string;
  /** each is for one request that it fits */
  readonly faults: ObjectFault[] = [];

  /** damaged ones, as they were */
  readonly #intact = new Map<string, { readonly bytes: Uint8Array; readonly how: Damage }>();
  /** how often anything was damaged */
  damages = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** As a process sees them, with those faults. */
  seenBy(life: Life, faults: ObjectFault[] = this.faults): ObjectStore {
    const reach = <T>(of: ObjectFault['of'], work: () => T): Promise<T> =>
      life.reach('object', async () => faulty(faults, of, work));
    return {
      put: (key, value) => reach('put', () => this.#put(key, value)),
      putIfAbsent: (key, value) =>
        reach('put', () => {
          if (this.#values.has(key)) return false;
          this.#put(key, value);
          return true;
        }),
      get: (key) => reach('get', () => this.#values.get(key) ?? null),
      delete: (key) => reach('delete', () => this.#delete(key)),
      list: (prefix) => eachOf(() => reach('list', () => this.keys(prefix))),
      localPath: async (key) => this.#file(key),
    };
  }

  /** As they are, for whoever looks at what processes have left. */
  get plain(): ObjectStore {
    return {
      put: async (key, value) => this.#put(key, value),
      putIfAbsent: async () => false,
      get: async (key) => this.#values.get(key) ?? null,
      delete: async (key) => this.#delete(key),
      list: (prefix) => eachOf(async () => this.keys(prefix)),
      localPath: async (key) => this.#file(key),
    };
  }

  keys(prefix: string): readonly string[] {
    return [...this.#values.keys()].filter((key) => key.startsWith(prefix)).sort();
  }

  /**
   * Damages one of the files that are staged, if there are any. Manifests that replace others are spared: nobody knows what
   * they replace once they are torn. Others are torn only: to be there is to exist, and no hash tells that one was changed.
   */
  damage(catalog: string, of: 'table' | 'manifest', how: Damage, which: number): void {
    const batches = this.keys(`${catalog}/manifests/`);
    const names = batches.map((key) => basename(key, '.json'));
    const tables = () =>
      names.flatMap((name) => this.keys(`${catalog}/`).filter((key) => key.endsWith(`/${name}.parquet`)));
    const keys = of === 'manifest' ? batches.filter((key) => !isReplacing(basename(key, '.json'))) : tables();
    const key = keys[which % Math.max(1, keys.length)];
    const bytes = key === undefined ? undefined : this.#values.get(key);
    if (key === undefined || bytes === undefined || this.#intact.has(key)) return;
    this.damages++;
    const done = of === 'manifest' ? 'torn' : how;
    if (done === 'gone') this.#delete(key);
    else this.#put(key, done === 'torn' ? bytes.subarray(0, bytes.length / 2) : flipped(bytes));
    this.#intact.set(key, { bytes, how: done });
  }

  /** Keys of what is damaged. */
  get damaged(): ReadonlyMap<string, Damage> {
    return new Map([...this.#intact].map(([key, { how }]) => [key, how]));
  }

  /** Somebody puts back what was damaged, unless it was deleted since. */
  mend(): void {
    for (const [key, { bytes }] of [...this.#intact]) this.#put(key, bytes);
  }

  text(key: string): string {
    return new TextDecoder().decode(this.#values.get(key));
  }

  #put(key: string, value: Uint8Array): void {
    this.#intact.delete(key);
    this.#values.set(key, value);
    if (!key.endsWith('.parquet')) return;
    mkdirSync(dirname(this.#file(key)), { recursive: true });
    writeFileSync(this.#file(key), value);
  }

  #delete(key: string): void {
    this.#intact.delete(key);
    this.#values.delete(key);
    rmSync(this.#file(key), { force: true });
  }

  #file(key: string): string {
    return join(this.#folder, key);
  }
}

/** One bit in the middle: a file system that doesn't notice. */
function flipped(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const middle = copy.length >> 1;
  copy[middle] = (copy[middle] ?? 0) ^ 1;
  return copy;
}

function faulty<T>(faults: ObjectFault[], of: ObjectFault['of'], work: () => T): T {
  const when = faults[0]?.of === of ? faults.shift()?.when : null;
  if (when === 'before') throw injected(of);
  const result = work();
  if (when === 'after') throw injected(of);
  return result;
}

async function* eachOf(keys: () => Promise<readonly string[]>): AsyncGenerator<string> {
  yield* await keys();
}

function injected(of: string): LazuliError {
  return new LazuliError('staging_unavailable', `injected: ${of}`, { remedy: 'None: it is a simulation.' });
}
