import { systemClock } from '../../core/runtime/clock.ts';
import { Turns } from '../../core/runtime/turns.ts';

/**
 * For which the service holds back an answer that says no more than that one has to ask again. Less than
 * answers may take (`query/app.ts`).
 */
export const holdMillis = 20_000;

/** Half of the connections that a server has: the others are for those who get their answers at once. */
const mostHeld = 500;
const held = new Turns({ atOnce: mostHeld, waiting: 0, waitMillis: holdMillis }, { clock: systemClock });

/**
 * Holds back an answer of this process.
 *
 * @throws LazuliError `overloaded` where too many are held back already; the reason of the signal; what the work throws
 */
export const holdBack = <T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> => held.take(signal, work);
