import type { Clock, FaultPoint } from '../../core/runtime/ports.ts';
import type { Commits } from '../owner/commits.ts';
import type { Store } from '../store/store.ts';
import type { Emission, Target } from './emission.ts';
import type { Halving } from './halving.ts';
import type { Outbox } from './outbox.ts';
import { mayBeOwn, type OwnFaults } from './own-faults.ts';
import type { Writing } from './writing.ts';

/** A generation to which documents are written. */
export interface Output {
  readonly target: (commit: number) => Target;
  readonly writing: Writing;
}

export interface TouchedParts {
  readonly store: Store;
  readonly emission: Emission;
  readonly outbox: Outbox;
  readonly commits: Commits;
  /** of what waits: which documents can't be computed */
  readonly halving: Halving;
  readonly faults: OwnFaults;
  readonly outputs: readonly Output[];
  /** whether costly documents are written that rest from the last time, too */
  readonly evenResting: boolean;
  /** in the transaction that computes; the table `computed` says what */
  readonly onComputed: (commit: number) => Promise<void>;
  /** in the transaction in which what was written leaves the outbox; the table `wanted` says what */
  readonly onWritten: () => Promise<void>;
  readonly clock: Clock;
  readonly fault: FaultPoint;
}

/**
 * Writes some of the entities that loads touched. Their documents get their version in the transaction
 * that computes them, and leave the outbox when every generation has acknowledged them (invariants 3, 6, 9).
 *
 * @returns how many were written; 0 where none may be written now
 */
export async function writeTouched(parts: TouchedParts): Promise<number> {
  const { store, outbox, clock, fault, onWritten } = parts;
  if ((await outbox.size()) === 0) return 0;
  const started = clock.now();
  const computed = await computeSome(parts);
  if (computed === null) return 0;
  fault('transform.computed');
  await computed.write();
  fault('transform.written');
  await store.transaction(async () => {
    await outbox.acknowledge();
    await onWritten();
  });
  fault('transform.acknowledged');
  outbox.rest(computed.hot, clock.now() - started);
  return computed.wanted;
}

/** As many as can be computed together; one that can't be, alone, is with the dead letters. */
async function computeSome(parts: TouchedParts): Promise<Computed | null> {
  const { store, outbox, evenResting, halving } = parts;
  const resting = evenResting ? [] : outbox.resting();
  for (;;) {
    let taken = 0;
    try {
      const computed = await store.transaction(() => compute(parts, resting, (wanted) => (taken = wanted)));
      halving.passed(taken);
      return computed;
    } catch (error) {
      if (taken === 0 || !mayBeOwn(error)) throw error;
      if (halving.failed(taken)) return setAside(parts, resting, error);
    }
  }
}

/** Nothing is to be written of it: what is in the index stays until it is mended. */
async function setAside(
  { store, outbox, halving, faults }: TouchedParts,
  resting: readonly string[],
  error: unknown,
): Promise<Computed> {
  const { wanted, hot } = await store.transaction(() => outbox.take(resting, 1));
  const [row] = await store.rows('SELECT entity_type, entity_id FROM wanted');
  await faults.bury({ entityType: Number(row?.entity_type), entityId: String(row?.entity_id) }, error);
  halving.passed(wanted);
  return { wanted, hot, write: async () => undefined };
}

interface Computed {
  readonly wanted: number;
  readonly hot: readonly string[];
  readonly write: () => Promise<unknown>;
}

async function compute(
  parts: TouchedParts,
  resting: readonly string[],
  onTaken: (wanted: number) => void,
): Promise<Computed | null> {
  const { store, outbox, halving } = parts;
  await store.expect('little');
  const { wanted, hot } = await outbox.take(resting, halving.most);
  if (wanted === 0) return null;
  onTaken(wanted);
  if (hot.length > 0) await store.expect('much');
  const writes = await versioned(parts, hot.length > 0);
  return { wanted, hot, write: () => Promise.all(writes.map((write) => write())) };
}

/** @returns what writes the documents, to each generation */
async function versioned({ emission, commits, outputs, onComputed }: TouchedParts, rolled: boolean) {
  const commit = await commits.next();
  await (rolled ? emission.computeRolled() : emission.compute());
  await onComputed(commit);
  const large = await emission.tooLarge();
  const writes: (() => Promise<void>)[] = [];
  for (const { target: targetOf, writing } of outputs) {
    const target = targetOf(commit);
    const bodies = await emission.bodies(target);
    writes.push(() => writing.write(target, bodies, large));
  }
  return writes;
}
