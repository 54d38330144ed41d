import { z } from 'zod';
import { text } from '../../core/duckdb/sql.ts';
import type { Run } from '../../core/runs/run.ts';
import { isRested } from '../../core/runtime/rest.ts';
import type { DeadLetter, LostBundle } from '../../core/storage/dead-letter.ts';
import { pagesOf } from '../../core/storage/dead-letters.ts';
import type { CatalogContext } from '../catalog/context.ts';
import type { StagedBatches } from '../loading/staged-batches.ts';

/** What is with the dead letters, as far as it concerns a run. */
export interface GivenUpWork {
  /** by reason: what transform gave up since the run began, and all that is lost */
  readonly failures: Run['failures'];
  /** letters about what was staged and is in no store: no generation shows it, whenever it was given up */
  readonly lost: number;
}

/** Dead letters are counted no more often, in milliseconds: there may be many. */
const countingMillis = 5000;
/** Of dead letters at once. */
const page = 1000;

const batchPayload = z.looseObject({ batch: z.string() });

/** Knows from the dead letters of a catalog what a run gave up, and what its generation lacks. */
export class GivenUp {
  readonly #context: CatalogContext;
  readonly #staged: StagedBatches;
  #counted: { readonly id: string; readonly at: number; readonly work: GivenUpWork } | null = null;

  constructor(context: CatalogContext, staged: StagedBatches) {
    this.#context = context;
    this.#staged = staged;
  }

  /** As of a few seconds ago. */
  async lately(run: Run): Promise<GivenUpWork> {
    const { clock } = this.#context;
    const known = this.#counted;
    if (known?.id === run.id && !isRested({ since: known.at, millis: countingMillis }, clock.now())) return known.work;
    return this.now(run);
  }

  async now({ id, started }: Run): Promise<GivenUpWork> {
    const { deadLetters, catalog, clock } = this.#context;
    const failures: Record<string, number> = {};
    let lost = 0;
    for await (const { letters } of pagesOf(deadLetters, { catalog, limit: page })) {
      const isLost = await this.#lost(letters);
      for (const letter of letters) {
        const { stage, reason, last } = letter;
        if (isLost(letter)) lost++;
        else if (stage !== 'transform' || last < started) continue;
        failures[reason] = (failures[reason] ?? 0) + 1;
      }
    }
    const work = { failures, lost };
    this.#counted = { id, at: clock.now(), work };
    return work;
  }

  /** Finds out which letters are about a bundle or a batch that was staged and isn't in the store. */
  async #lost(letters: readonly DeadLetter[]): Promise<(letter: DeadLetter) => boolean> {
    const missing = await this.#missing(letters.flatMap(({ lost }) => lost ?? []));
    const unloaded = letters.some(({ kind }) => kind === 'batch') ? await this.#staged.unloaded() : [];
    return ({ kind, payload, lost }) => {
      if (lost !== undefined) return missing.has(keyOf(lost));
      return kind === 'batch' && unloaded.includes(batchPayload.safeParse(payload).data?.batch ?? '');
    };
  }

  /** Those of the bundles that nothing has taken the place of: no copy or newer version, and no deletion. */
  async #missing(bundles: readonly LostBundle[]): Promise<ReadonlySet<string>> {
    if (bundles.length === 0) return new Set();
    const rows = bundles.map(
      ({ source, uuid, version }, i) => `(${i}, ${text(source)}, ${text(uuid.toLowerCase())}, ${text(version)})`,
    );
    const isOf = (table: string) => `${table}.source_id = l.source AND lower(${table}.bundle_uuid) = l.uuid`;
    const missing =
      await this.#context.store.peek(`SELECT i FROM (VALUES ${rows.join(', ')}) l (i, source, uuid, version)
      WHERE NOT EXISTS (FROM bundles b WHERE ${isOf('b')} AND b.selected AND b.bundle_version >= l.version)
        AND NOT EXISTS (FROM deletions d WHERE ${isOf('d')} AND d.bundle_version = l.version AND NOT EXISTS (
          FROM restores r WHERE ${isOf('r')} AND r.bundle_version = l.version AND r.number >= d.number))`);
    return new Set(missing.map(({ i }) => keyOf(bundles[Number(i)] as LostBundle)));
  }
}

const keyOf = ({ source, uuid, version }: LostBundle): string => JSON.stringify([source, uuid, version]);

/** Why a run has not succeeded though its generation serves. */
export function incomplete(generation: number | null, lost: number): string {
  const message = `Generation ${generation} serves without all that was staged: of lost bundles or batches there are ${lost}`;
  return `${message}. Their dead letters say why: redrive these once that is corrected, or drop them.`;
}
