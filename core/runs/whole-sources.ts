import { z } from 'zod';
import { jsonLine, parsedJson } from '../config/text.ts';
import type { ObjectStore } from '../runtime/ports.ts';

const wholeSourceSchema = z.strictObject({
  source: z.string(),
  spec: z.string(),
  /** as many as were staged of it */
  bundles: z.int(),
});

/** A source of which a run from the repository has staged everything. */
export type WholeSource = z.output<typeof wholeSourceSchema>;

/**
 * Sources that runs have staged as a whole, beside the staged batches: `<catalog>/whole-sources.json`. It is a hint: who
 * uses it looks whether as many bundles are still there.
 */
export class WholeSources {
  readonly #objects: ObjectStore;
  readonly #key: string;

  constructor(objects: ObjectStore, catalog: string) {
    this.#objects = objects;
    this.#key = `${catalog}/whole-sources.json`;
  }

  async read(): Promise<readonly WholeSource[]> {
    const bytes = await this.#objects.get(this.#key);
    return bytes === null ? [] : z.array(wholeSourceSchema).parse(parsedJson(bytes));
  }

  /** Adds sources, in the place of what was known of them. @param isKept which others are still of interest */
  async add(sources: readonly WholeSource[], isKept: (source: string) => boolean): Promise<void> {
    const added = new Set(sources.map(({ source }) => source));
    const others = (await this.read()).filter(({ source }) => !added.has(source) && isKept(source));
    await this.#objects.put(this.#key, jsonLine([...others, ...sources]));
  }
}
