import { jsonOrNothing } from '../config/text.ts';
import type { ObjectStore } from '../runtime/ports.ts';
import { isReplacing, type Manifest, manifestKey, manifestPrefix, manifestSchema, runOfBatch } from './layout.ts';

/** The staged batches of a catalog at one moment, oldest first. */
export interface BatchStandings {
  /** those that count */
  readonly live: readonly string[];
  /** what replaces each batch, whether that is still there or not */
  readonly replacedBy: ReadonlyMap<string, string>;
  /** those that are still there, though others replace them */
  readonly retired: readonly string[];
  /** those that were staged aside for a run, and don't count */
  readonly aside: readonly string[];
  /** those of the live ones that were staged aside */
  readonly admitted: readonly string[];
}

/** What a manifest says of other batches. */
type Said = Required<Pick<Manifest, 'replaces' | 'admits'>>;

/** Which of some batches count, by what manifests say that replace others. In the order of the batches. */
export function counting(batches: readonly string[], said: ReadonlyMap<string, Said>): BatchStandings {
  const replacedBy = new Map([...said].flatMap(([by, { replaces }]) => replaces.map((batch) => [batch, by] as const)));
  const admitted = new Set([...said.values()].flatMap(({ admits }) => admits));
  const isAside = (batch: string): boolean => runOfBatch(batch) !== null && !admitted.has(batch);
  const standing = batches.filter((batch) => !replacedBy.has(batch));
  const live = standing.filter((batch) => !isAside(batch));
  return {
    live,
    admitted: live.filter((batch) => admitted.has(batch)),
    retired: batches.filter((batch) => replacedBy.has(batch)),
    aside: standing.filter(isAside),
    replacedBy,
  };
}

/**
 * Finds out which staged batches count (architecture, invariant 2): all that have a manifest and that no other manifest
 * replaces; of those that were staged aside, the admitted ones. Manifests never change, so those that replace others are read once.
 */
export class Standings {
  readonly #objects: ObjectStore;
  readonly #catalog: string;
  readonly #said = new Map<string, Said>();

  constructor(objects: ObjectStore, catalog: string) {
    this.#objects = objects;
    this.#catalog = catalog;
  }

  async read(): Promise<BatchStandings> {
    const batches: string[] = [];
    const folder = manifestPrefix(this.#catalog);
    for await (const key of this.#objects.list(folder))
      if (key.endsWith('.json')) batches.push(key.slice(folder.length, -'.json'.length));
    const said = new Map<string, Said>();
    for (const by of batches.filter(isReplacing)) said.set(by, await this.#read(by));
    return counting(batches, said);
  }

  /** What a manifest that can't be read replaces isn't known: those batches count as long as they are there. */
  async #read(batch: string): Promise<Said> {
    const known = this.#said.get(batch);
    if (known !== undefined) return known;
    const bytes = await this.#objects.get(manifestKey(this.#catalog, batch));
    const { data } = manifestSchema.safeParse(bytes === null ? null : jsonOrNothing(bytes));
    if (data === undefined) return { replaces: [], admits: [] };
    const said = { replaces: data.replaces, admits: data.admits ?? [] };
    this.#said.set(batch, said);
    return said;
  }
}
