import type { Logger } from '../core/runtime/logger.ts';
import { type DeadLetters, deleteUnchanged, pagesOf } from '../core/storage/dead-letters.ts';
import type { StreamEntry } from '../core/streams/producer.ts';
import { redrivenNotification } from './dead-letter.ts';

const lettersAtOnce = 100;

export interface RedrivingParts {
  /** names of those that are open */
  readonly catalogs: Iterable<string>;
  readonly deadLetters: DeadLetters;
  /** Resolves when all are acknowledged, or rejects with the signal's reason. */
  put(entries: readonly StreamEntry[], signal: AbortSignal): Promise<unknown>;
  readonly logger: Logger;
}

/**
 * Redrives notifications that became dead letters because their catalog was refused, if it is open now. One that fails
 * again meanwhile has another letter, which stays.
 */
export class RefusedRedriving {
  readonly #parts: RedrivingParts;
  readonly #stop = new AbortController();

  constructor(parts: RedrivingParts) {
    this.#parts = parts;
  }

  /** Works once, until it is done or stopped. */
  async run(): Promise<void> {
    try {
      for (const catalog of this.#parts.catalogs) await this.#redrive(catalog);
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      const message = 'notifications of catalogs that were refused stay with the dead letters until the next start';
      this.#parts.logger.error({ err: error }, message);
    }
  }

  /** What is left stays with the dead letters until the next start. */
  stop(): void {
    this.#stop.abort();
  }

  async #redrive(catalog: string): Promise<void> {
    const { deadLetters, put } = this.#parts;
    const { signal } = this.#stop;
    const filter = { catalog, kind: 'notification', reason: 'catalog_refused', limit: lettersAtOnce, signal } as const;
    for await (const { letters } of pagesOf(deadLetters, filter)) {
      await put(
        letters.map(({ payload }) => redrivenNotification(payload)),
        signal,
      );
      for (const letter of letters) await deleteUnchanged(deadLetters, letter);
    }
  }
}
