import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { checkFiles } from '../../../cli/pipeline/deep.ts';
import { manifestKey, manifestPrefix } from '../../../core/staged/layout.ts';
import { FolderStore } from '../../../core/storage/folder.ts';
import type { Damage } from '../objects.ts';

/** Staged files that were damaged, and how they were. */
export class DamagedFiles {
  readonly #staging: string;
  readonly #catalog: string;
  readonly #intact = new Map<string, { readonly bytes: Uint8Array; readonly how: Damage }>();

  constructor(staging: string, catalog: string) {
    this.#staging = staging;
    this.#catalog = catalog;
  }

  get some(): boolean {
    return this.#intact.size > 0;
  }

  /** Damages a table of a batch, if anything is staged. */
  damage(how: Damage, which: number): void {
    const keys = this.#tables();
    const key = keys[which % Math.max(1, keys.length)];
    if (key === undefined || this.#intact.has(key)) return;
    const bytes = readFileSync(this.#at(key));
    const middle = bytes.length >> 1;
    if (how === 'gone') rmSync(this.#at(key));
    else writeFileSync(this.#at(key), how === 'torn' ? bytes.subarray(0, middle) : flipped(bytes, middle));
    this.#intact.set(key, { bytes, how });
  }

  /** @throws Error where comparing everything with its hashes doesn't find what is damaged and counts */
  async expectFound(): Promise<void> {
    const { findings } = await checkFiles(new FolderStore(this.#staging), this.#catalog, () => {});
    const found = new Set(findings.map(({ name }) => name));
    const unfound = [...this.#intact.keys()].filter((key) => this.#counts(key) && !found.has(key));
    if (unfound.length > 0) throw new Error(`Nobody finds that these are damaged: ${unfound.join(', ')}`);
  }

  /** Puts back what was damaged, of batches that are still there. */
  mend(): void {
    for (const [key, { bytes }] of this.#intact) if (this.#isThere(key)) writeFileSync(this.#at(key), bytes);
    this.#intact.clear();
  }

  #tables(): readonly string[] {
    const batches = readdirSync(join(this.#staging, manifestPrefix(this.#catalog))).map((name) =>
      basename(name, '.json'),
    );
    return readdirSync(join(this.#staging, this.#catalog), { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile() && batches.some((batch) => entry.name === `${batch}.parquet`))
      .map(({ parentPath, name }) => join(parentPath, name).slice(this.#staging.length + 1))
      .sort();
  }

  #isThere(key: string): boolean {
    return existsSync(this.#at(manifestKey(this.#catalog, basename(key, '.parquet'))));
  }

  /** Of what was replaced nobody reads files. */
  #counts(key: string): boolean {
    return this.#isThere(key) && !this.#replaced().has(basename(key, '.parquet'));
  }

  #replaced(): ReadonlySet<string> {
    const folder = join(this.#staging, manifestPrefix(this.#catalog));
    const manifests = readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));
    return new Set(manifests.flatMap(({ replaces }: { replaces: string[] }) => replaces));
  }

  #at(key: string): string {
    return join(this.#staging, key);
  }
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}
