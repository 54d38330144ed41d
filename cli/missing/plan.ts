import { appendFileSync, createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { Action } from '../../core/staged/layout.ts';
import type { BundleNotification } from '../../ingest/notify.ts';
import { parsedLine } from './lines.ts';

/** Lines that are written at a time. */
const together = 1000;
/** Names that are shown. */
const first = 5;

const lineSchema = z.tuple([z.string(), z.string(), z.string(), z.string()]);

/** Notifications of one action that are to be sent, in a file: there may be more of them than memory holds. */
export class Plan {
  readonly action: Action;
  readonly #file: string;
  #lines: string[] = [];
  #count = 0;
  /** of the first ones */
  readonly names: string[] = [];

  /** @param folder where nobody else writes */
  constructor(action: Action, folder: string) {
    this.action = action;
    this.#file = join(folder, action);
  }

  get count(): number {
    return this.#count;
  }

  add({ fqid: { source, uuid, version } }: BundleNotification): void {
    this.#lines.push(`${JSON.stringify([source.id, source.spec, uuid, version])}\n`);
    if (this.names.length < first) this.names.push(`${uuid}.${version}`);
    this.#count++;
    if (this.#lines.length >= together) this.#write();
  }

  async *notifications(): AsyncGenerator<BundleNotification> {
    this.#write();
    if (!existsSync(this.#file)) return;
    for await (const text of createInterface({ input: createReadStream(this.#file) })) {
      const [id, spec, uuid, version] = parsedLine(text, lineSchema);
      yield { action: this.action, fqid: { source: { id, spec }, uuid, version } };
    }
  }

  #write(): void {
    if (this.#lines.length > 0) appendFileSync(this.#file, this.#lines.join(''));
    this.#lines = [];
  }
}
