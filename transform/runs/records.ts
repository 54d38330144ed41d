import { jsonLine, jsonOrNothing } from '../../core/config/text.ts';
import { type Run, runSchema } from '../../core/runs/run.ts';
import type { Logger } from '../../core/runtime/logger.ts';
import type { Records } from '../../core/runtime/ports.ts';

/** More are not kept. */
const most = 100;

/** The runs of a catalog as records `<catalog>/runs/<id>.json`. */
export class RunRecords {
  readonly #records: Records;
  readonly #folder: string;
  readonly #catalog: string;
  readonly #logger: Pick<Logger, 'warn'>;

  constructor(records: Records, catalog: string, logger: Pick<Logger, 'warn'>) {
    this.#records = records;
    this.#catalog = catalog;
    this.#logger = logger;
    this.#folder = `${catalog}/runs/`;
  }

  async put(run: Run): Promise<void> {
    await this.#records.put(this.#key(run.id), jsonLine(run));
  }

  /** @returns the latest first */
  async all(): Promise<readonly Run[]> {
    const keys: string[] = [];
    for await (const key of this.#records.list(this.#folder)) keys.unshift(key);
    const read = await Promise.all(keys.slice(0, most).map((key) => this.#read(key)));
    return read.filter((run) => run !== null);
  }

  /** Deletes those that are too many. */
  async forgetOld(): Promise<void> {
    const keys: string[] = [];
    for await (const key of this.#records.list(this.#folder)) keys.push(key);
    for (const key of keys.slice(0, Math.max(0, keys.length - most))) await this.#records.delete(key);
  }

  async #read(key: string): Promise<Run | null> {
    const value = await this.#records.get(key);
    if (value === null) return null;
    const { data } = runSchema.safeParse(jsonOrNothing(value));
    if (data === undefined) this.#logger.warn({ catalog: this.#catalog, key }, 'a record of a run can not be read');
    return data ?? null;
  }

  #key(id: string): string {
    return `${this.#folder}${id}.json`;
  }
}
