import { LazuliError } from '../core/config/errors.ts';
import type { StreamRecord } from '../core/streams/processor.ts';

/** A record that failed, on its way to the dead letters. */
export interface FailedRecord {
  readonly record: StreamRecord;
  readonly error: LazuliError;
  readonly attempts: number;
}

/** So many failures in a row for the same reason, which may pass, are not the fault of the records (invariant 13). */
const systemic = 20;

/**
 * Distinguishes poison bundles from a systemic fault. Failures whose cause may pass are held back until it is clear that
 * they are few.
 */
export class FailureStreak {
  #held: FailedRecord[] = [];
  #code: string | undefined;
  #length = 0;

  /**
   * @returns whether the record is held back; else it is to be dead-lettered now
   * @throws LazuliError of the disposition `pause` or `fatal`, for the driver; what was held back is
   *   forgotten, because it will be handed over again
   */
  add(record: StreamRecord, cause: unknown, attempts: number): FailedRecord | 'held' {
    if (cause instanceof LazuliError && isOwnFault(cause)) {
      this.#restart(undefined);
      return { record, error: cause, attempts };
    }
    if (cause instanceof LazuliError && cause.disposition !== 'retry') {
      this.#held = [];
      throw cause;
    }
    return this.#hold(record, cause, attempts);
  }

  /** A record succeeded. */
  succeeded(): void {
    this.#restart(undefined);
  }

  /** Those held back, to be dead-lettered after all. */
  release(): readonly FailedRecord[] {
    const held = this.#held;
    this.#held = [];
    return held;
  }

  #hold(record: StreamRecord, cause: unknown, attempts: number): 'held' {
    const code = codeOf(cause);
    if (code !== this.#code) this.#restart(code);
    this.#length++;
    if (this.#length >= systemic) {
      this.#held = [];
      throw unavailable(`${this.#length} notifications in a row failed: ${String(cause)}`, cause);
    }
    const error = cause instanceof LazuliError ? cause : unavailable(String(cause), cause);
    this.#held.push({ record, error, attempts });
    return 'held';
  }

  #restart(code: string | undefined): void {
    this.#code = code;
    this.#length = 0;
  }
}

/** What failures have in common: messages may differ from one to the next. */
function codeOf(cause: unknown): string {
  const { code, name } = Object(cause) as { code?: unknown; name?: unknown };
  return String(code ?? name ?? cause);
}

function isOwnFault({ disposition }: LazuliError): boolean {
  return disposition === 'dead' || disposition === 'refuse';
}

function unavailable(message: string, cause: unknown): LazuliError {
  return new LazuliError('repository_unavailable', message, {
    remedy: 'Check the repository, then redrive; a paused shard goes on by itself.',
    cause,
  });
}
