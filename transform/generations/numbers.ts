import { z } from 'zod';
import type { Records } from '../../core/runtime/ports.ts';
import { noteOn, takeNumber } from '../catalog/taken-numbers.ts';
import type { Generation } from './indices.ts';

const note = z.object({ epoch: z.int() });

/**
 * Numbers of a catalog's generations: none is given twice, and each is known to be of the worker that took it. So a
 * superseded worker that doesn't know it yet neither builds where its successor builds nor drops what its successor has
 * built.
 */
export class GenerationNumbers {
  readonly #records: Records;
  readonly #prefix: string;
  readonly #epoch: number;

  /** @param epoch of the worker that takes numbers */
  constructor(records: Records, catalog: string, epoch: number) {
    this.#records = records;
    this.#prefix = `${catalog}/generations/`;
    this.#epoch = epoch;
  }

  /** The number of a new generation. @param found those that are there, whoever made them */
  take(found: readonly Generation[]): Promise<number> {
    const last = Math.max(0, ...found.map(({ number }) => number));
    return takeNumber(this.#records, this.#prefix, last, { epoch: this.#epoch });
  }

  /** Whether a generation is of a worker that has superseded this one. */
  async isLater(generation: number): Promise<boolean> {
    const said = await noteOn(this.#records, this.#prefix, generation);
    return said !== null && note.parse(said).epoch > this.#epoch;
  }
}
