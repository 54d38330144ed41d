import type { Clock, FaultPoint } from '../streams/ports.ts';
import type { Commits } from './commits.ts';
import type { Emission, Target } from './emission.ts';
import type { Outbox } from './outbox.ts';
import type { Store } from './store/store.ts';
import type { Writing } from './writing.ts';

export interface TouchedParts {
  readonly store: Store;
  readonly emission: Emission;
  readonly outbox: Outbox;
  readonly commits: Commits;
  readonly writing: Writing;
  readonly target: (commit: number) => Target;
  readonly clock: Clock;
  readonly fault: FaultPoint;
}

/**
 * Writes some of the entities that loads touched. Their documents get their version in the transaction
 * that computes them, and leave the outbox when the sink has acknowledged them (invariants 6, 9).
 *
 * @returns how many were written; 0 where none may be written now
 */
export async function writeTouched(parts: TouchedParts): Promise<number> {
  const { store, outbox, clock, fault } = parts;
  const started = clock.now();
  const computed = await store.transaction(() => compute(parts));
  if (computed === null) return 0;
  fault('transform.computed');
  await parts.writing.write(computed.target, computed.bodies, computed.large);
  fault('transform.written');
  await store.transaction(() => outbox.acknowledge());
  fault('transform.acknowledged');
  if (computed.hot !== null) outbox.rest(computed.hot, clock.now() - started);
  return computed.wanted;
}

async function compute({ outbox, emission, commits, target: targetOf }: TouchedParts) {
  const { wanted, hot } = await outbox.take();
  if (wanted === 0) return null;
  const target = targetOf(await commits.next());
  await emission.compute();
  return { wanted, hot, target, bodies: await emission.bodies(target), large: await emission.tooLarge() };
}
