import { fullJitter } from '../../core/runtime/backoff.ts';
import type { CatalogParts } from '../owner/catalog-parts.ts';
import { attemptBackoff } from '../owner/patience.ts';
import { versionOf } from '../sink/outcome.ts';
import { type Pause, Sink } from '../sink/sink.ts';
import { DocumentLetters } from './document-letters.ts';
import type { Emission, Target } from './emission.ts';
import { Writing } from './writing.ts';

export interface OutputsParts extends CatalogParts {
  readonly epoch: number;
  readonly emission: Emission;
  readonly onPause: (pause: Pause | null) => void;
  /** Called when an index of a generation isn't there; what it throws ends writing. */
  readonly onMissing: (generation: number) => Promise<void>;
}

/** Where documents go, and by what. */
export class Outputs {
  readonly #parts: OutputsParts;
  /** of what can't be written */
  readonly letters: DocumentLetters;

  constructor(parts: OutputsParts) {
    this.#parts = parts;
    this.letters = new DocumentLetters(parts);
  }

  target(generation: number, commit: number): Target {
    const { deployment, catalog, epoch } = this.#parts;
    return { deployment, catalog, generation, version: versionOf(epoch, commit) };
  }

  /** @param signal ends writing before its time */
  writing(generation: number, signal: AbortSignal): Writing {
    const { cluster, clock, limits, emission, onPause } = this.#parts;
    const backOff = (attempt: number): number => fullJitter(attempt, attemptBackoff);
    const onMissing = (): Promise<void> => this.#parts.onMissing(generation);
    const sink = new Sink({ cluster, clock, backOff, onPause, onMissing, signal }, limits.bulkConcurrency);
    return new Writing({ emission, sink, letters: this.letters, documentBytes: limits.documentBytes });
  }
}
