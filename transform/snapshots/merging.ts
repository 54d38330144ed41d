import { texts } from '../../core/duckdb/sql.ts';
import { newestOf } from '../../core/exports/newest-rows.ts';
import { localPaths } from '../../core/staged/batches.ts';
import type { CatalogContext } from '../catalog/context.ts';
import type { RowsFile, RowsFiles } from './files.ts';
import { inPart, partsOf } from './parts.ts';
import type { PublishedType } from './pending.ts';
import type { FileRegistry } from './registry.ts';

/** Deltas of more rows than this share of the base are merged into it; many small ones with each other. */
const baseShare = 0.1;
const mostDeltas = 30;

/**
 * What is to be merged of a type: the deltas into the base, or with each other; null: nothing.
 *
 * @param generation whose base it is; null: nothing may be merged into it
 */
export function mergeOf(
  type: PublishedType,
  generation: number | null,
  base: readonly RowsFile[],
  deltas: readonly RowsFile[],
): Merging | null {
  const own = ({ entityType }: RowsFile): boolean => entityType === type.number;
  const [ownBase, ownDeltas] = [base.filter(own), deltas.filter(own)];
  const isLarge = rowsOf(ownDeltas) > baseShare * rowsOf(ownBase) && ownDeltas.length > 1;
  if (generation !== null && isLarge && ownBase.length > 0)
    return new Merging(type, [...ownBase, ...ownDeltas], generation);
  return ownDeltas.length > mostDeltas ? new Merging(type, ownDeltas, null) : null;
}

/** Everything of a type, so that nothing is left of what doesn't count any more; null where there is nothing. */
export function mergeOfAll(type: PublishedType, generation: number, files: readonly RowsFile[]): Merging | null {
  const own = files.filter(({ entityType }) => entityType === type.number);
  return own.length === 0 ? null : new Merging(type, own, generation);
}

/** A merge of files, a part a step: rows that count, without tombstones where nothing older is left that they could hide. */
export class Merging {
  readonly type: PublishedType;
  readonly #inputs: readonly RowsFile[];
  readonly #generation: number | null;
  readonly #made: RowsFile[] = [];
  readonly #left: string[];

  /** @param generation whose base the result is; null: it is a delta */
  constructor(type: PublishedType, inputs: readonly RowsFile[], generation: number | null) {
    this.type = type;
    this.#inputs = inputs;
    this.#generation = generation;
    this.#left = [...partsOf(rowsOf(inputs))];
  }

  /** @returns whether it is done, and what was made stands for what was merged */
  async step({ store, objects }: CatalogContext, files: RowsFiles, registry: FileRegistry): Promise<boolean> {
    const [part] = this.#left;
    if (part !== undefined) {
      const keys = this.#inputs.map(({ key }) => key);
      const all = `read_parquet(${texts(await localPaths(keys, objects))})`;
      const looked = inPart(`SELECT entity_id, "commit" FROM ${all}`, part);
      const left = this.#generation === null ? 'true' : 'body IS NOT NULL';
      const put = await files.put(this.type, await files.rewrite(`${newestOf(all, `(${looked})`)} WHERE ${left}`));
      if (put !== null) this.#made.push(put);
      // Only now: a step that fails is tried again.
      this.#left.shift();
      return false;
    }
    const merged = this.#inputs.map(({ key }) => key);
    await store.transaction(() => registry.replace(merged, this.#generation, this.#made));
    return true;
  }
}

const rowsOf = (files: readonly RowsFile[]): number => files.reduce((sum, { rows }) => sum + rows, 0);
