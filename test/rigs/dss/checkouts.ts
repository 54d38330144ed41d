import { randomUUID } from 'node:crypto';
import { Problem } from './answers.ts';
import type { BundleFile } from './documents.ts';
import { blobKey, type FileDocument } from './documents.ts';
import { type DssStorage, type Place, printPlace } from './storage.ts';

export interface CheckoutParts {
  readonly storage: DssStorage;
  readonly main: string;
  readonly checkout: string;
  /** JSON of up to so many bytes is in the checkout bucket from the beginning */
  readonly keptBytes: number;
  /** how often somebody has to ask again before a copy is there */
  readonly polls: number;
  readonly retryAfter: number;
}

type Ready = { readonly place: Place } | { readonly token: string; readonly seconds: number };

/** A checkout of a bundle. */
interface Job {
  readonly id: string;
  readonly location: string;
  polls: number;
}

/** Copies that callers read: of files, and of whole bundles (specification, dss 2). */
export class Checkouts {
  readonly #parts: CheckoutParts;
  /** by token: who doesn't give it back begins anew */
  readonly #waiting = new Map<string, number>();
  readonly #jobs = new Map<string, Job>();

  constructor(parts: CheckoutParts) {
    this.#parts = parts;
  }

  /** Small documents are there at once. */
  async keep(blob: Place, { size, 'content-type': type }: FileDocument): Promise<void> {
    const { storage, checkout, keptBytes } = this.#parts;
    if (type.startsWith('application/json') && size <= keptBytes)
      await storage.copy(blob, { bucket: checkout, key: blob.key });
  }

  /** Where the copy is, or the token to ask with again. */
  async file(blob: Place, token: string | null): Promise<Ready> {
    const { storage, checkout: bucket, polls, retryAfter: seconds } = this.#parts;
    const place = { bucket, key: blob.key };
    if (token !== null && !this.#waiting.has(token)) throw new Problem(400, 'illegal_token');
    if (await storage.exists(place)) return { place };
    const own = token ?? randomUUID();
    const asked = this.#waiting.get(own) ?? 0;
    this.#waiting.set(own, asked + 1);
    if (asked < polls) return { token: own, seconds };
    await storage.copy(blob, place);
    return { place };
  }

  /** Begins to check a bundle out. @returns the id of the job */
  async bundle(name: string, files: readonly BundleFile[], destination: string | undefined): Promise<string> {
    const { storage, main, checkout } = this.#parts;
    const bucket = destination ?? checkout;
    for (const file of files)
      await storage.copy({ bucket: main, key: blobKey(file) }, { bucket, key: `bundles/${name}/${file.name}` });
    const id = randomUUID();
    this.#jobs.set(id, { id, location: printPlace({ bucket, key: `bundles/${name}` }), polls: this.#parts.polls });
    return id;
  }

  /** @returns null where there is no such job */
  state(id: string): object | null {
    const job = this.#jobs.get(id);
    if (job === undefined) return null;
    if (job.polls-- > 0) return { status: 'RUNNING' };
    return { status: 'SUCCEEDED', location: job.location };
  }
}
