import { LazuliError } from '../../core/config/errors.ts';
import type { Verification } from '../../core/control/verification.ts';
import { mismatchText } from '../reference/mismatch.ts';
import type { TypeChange } from './former.ts';

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

/** More would vanish than may without a yes. */
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
