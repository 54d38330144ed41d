import { z } from 'zod';
import { LazuliError } from '../config/errors.ts';
import { jsonBytes, parsedJson } from '../config/text.ts';
import type { Clock, ObjectStore } from '../runtime/ports.ts';
import { isRested } from '../runtime/rest.ts';
import type { RecordProcessor } from '../streams/processor.ts';

/** What an operator can halt: taking notifications in, and writing documents. */
export const haltable = ['ingest', 'emit'] as const;
export type Haltable = (typeof haltable)[number];

/** Why something stands still on purpose; `since` in milliseconds since the epoch. */
export interface Halt {
  readonly code: 'halted';
  readonly reason: string;
  readonly since: number;
}

const haltSchema = z.strictObject({ since: z.int() });

/** How long an answer may be used. */
const freshMillis = 1000;

/**
 * The big red button of a deployment. What is halted is an object beside the staged batches, so it holds for all workers
 * and over restarts, and can be pressed while none runs. No catalog's name begins with `_`.
 */
export class Halts {
  readonly #objects: ObjectStore;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #known = new Map<Haltable, { readonly at: number; readonly halt: Halt | null }>();

  constructor(objects: ObjectStore, clock: Pick<Clock, 'now'>) {
    this.#objects = objects;
    this.#clock = clock;
  }

  /** @returns null where it isn't halted; as of the last second */
  async of(stage: Haltable): Promise<Halt | null> {
    const known = this.#known.get(stage);
    const at = this.#clock.now();
    if (known !== undefined && !isRested({ since: known.at, millis: freshMillis }, at)) return known.halt;
    const halt = await this.#read(stage);
    this.#known.set(stage, { at, halt });
    return halt;
  }

  /** Nothing changes where it is halted already. */
  async halt(stage: Haltable): Promise<void> {
    const value = jsonBytes({ since: this.#clock.now() });
    await this.#objects.putIfAbsent(keyOf(stage), value);
  }

  async resume(stage: Haltable): Promise<void> {
    await this.#objects.delete(keyOf(stage));
  }

  async #read(stage: Haltable): Promise<Halt | null> {
    const value = await this.#objects.get(keyOf(stage));
    if (value === null) return null;
    return {
      code: 'halted',
      reason: `halted: an operator has paused it; \`lazuli resume ${stage}\` lets it go on`,
      since: sinceOf(value),
    };
  }
}

/** Hands nothing to a processor while its stage is halted: the driver keeps the records, and hands them over again. */
export function halting(processor: RecordProcessor, halts: Halts, stage: Haltable): RecordProcessor {
  return {
    initialize: (input) => processor.initialize(input),
    async processRecords(input) {
      const halt = await halts.of(stage);
      if (halt !== null) {
        throw new LazuliError('halted', 'An operator has paused it.', { remedy: `Run \`lazuli resume ${stage}\`.` });
      }
      await processor.processRecords(input);
    },
    leaseLost: () => processor.leaseLost(),
    shardEnded: (input) => processor.shardEnded(input),
    shutdownRequested: (input) => processor.shutdownRequested(input),
  };
}

/** Whatever it says, the object is there: something is halted. */
function sinceOf(value: Uint8Array): number {
  try {
    return haltSchema.parse(parsedJson(value)).since;
  } catch {
    return 0;
  }
}

const keyOf = (stage: Haltable): string => `_halted/${stage}.json`;
