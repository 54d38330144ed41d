import { LazuliError } from '../../core/config/errors.ts';
import type { Verification } from '../../core/control/verification.ts';
import { mismatchText } from '../reference/mismatch.ts';
import type { TypeChange } from './former.ts';

/** A generation that isn't what the store says must not serve. */
export class Unverified extends LazuliError {
  readonly verification: Verification;

  constructor(verification: Verification) {
    const { generation } = verification;
    const found = firstOf(verification);
    super('generation_unverified', `Generation ${generation} is not what the store says: ${found}`, {
      remedy:
        'The generation that serves goes on. Build another one with `lazuli reindex`; if that is refused too, report it.',
    });
    this.verification = verification;
  }
}

function firstOf({ differences, others, mappings, snapshot }: Verification): string {
  const [sums] = differences;
  if (sums !== undefined)
    return `of source ${sums.source} it has ${sums.index.documents} ${sums.entityType}, the store ${sums.store.documents}`;
  const [other] = others;
  if (other !== undefined) return mismatchText(other.document, other);
  if (mappings.length > 0) return `the mapping is another one: ${mappings[0]}`;
  const [file] = snapshot.files;
  if (file !== undefined) return `${file} of its snapshot is not what was written`;
  return `of source ${snapshot.differences[0]?.source} its snapshot has other ${snapshot.differences[0]?.entityType}`;
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
