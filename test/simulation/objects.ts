import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LazuliError } from '../../core/config/errors.ts';
import type { ObjectStore } from '../../core/runtime/ports.ts';
import type { Life } from './life.ts';

/** What goes wrong with a request for an object: it isn't done, or it is and nobody hears of it. */
export interface ObjectFault {
  readonly of: 'get' | 'put' | 'list' | 'delete';
  readonly when: 'before' | 'after';
}

/** Objects that outlive the processes of a simulation; tables are files, too, for DuckDB to read. */
export class SimulatedObjects {
  readonly #values = new Map<string, Uint8Array>();
  readonly #folder: string;
  /** each is for one request that it fits */
  readonly faults: ObjectFault[] = [];

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

  text(key: string): string {
    return new TextDecoder().decode(this.#values.get(key));
  }

  #put(key: string, value: Uint8Array): void {
    this.#values.set(key, value);
    if (!key.endsWith('.parquet')) return;
    mkdirSync(dirname(this.#file(key)), { recursive: true });
    writeFileSync(this.#file(key), value);
  }

  #delete(key: string): void {
    this.#values.delete(key);
    rmSync(this.#file(key), { force: true });
  }

  #file(key: string): string {
    return join(this.#folder, key);
  }
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
