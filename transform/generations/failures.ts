import { LazuliError } from '../../core/config/errors.ts';
import { mismatchText } from '../reference/mismatch.ts';
import type { Verification } from '../verification/verify.ts';
import type { TypeChange } from './former.ts';

/** Indices that a generation has lost make it of no use. */
export class GenerationGone extends LazuliError {
  readonly generation: number;

  constructor(generation: number) {
    super('index_unavailable', `An index of generation ${generation} was deleted`, {
      remedy: 'A build starts over by itself; a generation that was kept can not be gone back to any more.',
    });
    this.generation = generation;
  }
}

/** A generation that isn't what the store says must not serve. */
export class Unverified extends LazuliError {
  readonly verification: Verification;

  constructor(verification: Verification) {
    const { generation, differences, others, mappings } = verification;
    const [first] = differences;
    const sums =
      first &&
      `of source ${first.source} it has ${first.index.documents} ${first.entityType}, the store ${first.store.documents}`;
    const [other] = others;
    const document = other && mismatchText(other.document, other);
    const found = sums ?? document ?? `the mapping is another one: ${mappings[0]}`;
    super('generation_unverified', `Generation ${generation} is not what the store says: ${found}`, {
      remedy:
        'The generation that serves goes on. Build another one with `lazuli reindex`; if that is refused too, report it.',
    });
    this.verification = verification;
  }
}

/** More vanishes than may vanish unasked. */
export class Unconfirmed extends LazuliError {
  /** documents that do */
  readonly changes: readonly TypeChange[];

  constructor(what: string, changes: readonly TypeChange[] = []) {
    super('generation_unconfirmed', what, {
      remedy: 'Find out why. If it is right: `lazuli runs resume --accept-vanished`; if not: `lazuli runs cancel`.',
    });
    this.changes = changes;
  }
}

/** A generation lacks more of what the one before shows. */
export function lacking(generation: number, changes: readonly TypeChange[]): Unconfirmed {
  const lost = changes.map(({ entityType, before, lost: n }) => `${n} of ${before} ${entityType}`);
  return new Unconfirmed(`Generation ${generation} lacks ${lost.join(', ')} that are served now`, changes);
}

/** To go back to. */
export function notKept(generation: number | undefined, kept: readonly number[]): LazuliError {
  const which =
    generation === undefined ? 'There is no generation to go back to' : `Generation ${generation} is not kept current`;
  return new LazuliError('conflict', `${which}: ${kept.length === 0 ? 'none is' : `only ${kept.join(', ')}`}.`, {
    remedy: 'Choose a generation that is kept, or build a fresh one with `lazuli reindex`.',
  });
}

/** To be compared with the store. */
export function notCurrent(generation: number | null): LazuliError {
  const message =
    generation === null ? 'No current generation serves.' : `Generation ${generation} is not kept current.`;
  return new LazuliError('conflict', message, { remedy: '`lazuli generation list` shows which are current.' });
}

export function noGeneration(catalog: string, generation: number): LazuliError {
  return new LazuliError('not_found', `${catalog} has no generation ${generation}.`, {
    remedy: '`lazuli generation list` shows which there are.',
  });
}

/** Too much so to be dropped. */
export function needed(generation: number, serves: boolean): LazuliError {
  return new LazuliError('conflict', `Generation ${generation} ${serves ? 'serves' : 'is being built'}.`, {
    remedy: 'Let another one serve first.',
  });
}
