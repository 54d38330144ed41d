import type { GenerationKeeper } from '../generations/keeper.ts';
import type { CatalogParts } from '../owner/catalog-parts.ts';
import type { Commits } from '../owner/commits.ts';
import type { Emission, EntityKey } from './emission.ts';
import { Halving } from './halving.ts';
import { maxWanted, Outbox } from './outbox.ts';
import type { Outputs } from './outputs.ts';
import { OwnFaults } from './own-faults.ts';
import { writeTouched } from './touched.ts';

export interface FlushParts extends Pick<CatalogParts, 'store' | 'clock' | 'fault'> {
  readonly emission: Emission;
  readonly commits: Commits;
  readonly outputs: Outputs;
  readonly keeper: GenerationKeeper;
}

/** Writes what waits in the outbox into all attached generations, and knows how far that is. */
export class Flush {
  readonly #parts: FlushParts;
  readonly #outbox: Outbox;
  readonly #halving = new Halving(maxWanted);
  readonly #faults: OwnFaults;
  #documents = 0;
  /** whether searches may not see yet what was written */
  #unseen = false;
  /** commit up to which everything is written */
  #written = 0;

  constructor(parts: FlushParts) {
    this.#parts = parts;
    this.#outbox = new Outbox(parts.store, parts.clock);
    this.#faults = new OwnFaults({ ...parts, letters: parts.outputs.letters });
  }

  /** that were written since the process started */
  get documents(): number {
    return this.#documents;
  }

  isWritten(commit: number): boolean {
    return this.#written >= commit;
  }

  /** Whether something was written since the last call. */
  takeUnseen(): boolean {
    const unseen = this.#unseen;
    this.#unseen = false;
    return unseen;
  }

  /** Milliseconds until a costly document may be written again; null where none rests. */
  restLeft(): number | null {
    return this.#outbox.restLeft();
  }

  /** Has a document written again. */
  touch(entity: EntityKey): Promise<void> {
    const { store, commits } = this.#parts;
    return store.transaction(async () => this.#outbox.touch(entity, await commits.next()));
  }

  /** @returns whether there was anything that may be written now */
  some(signal: AbortSignal): Promise<boolean> {
    return this.#write(signal, false);
  }

  /** Everything that waits, also what would rest otherwise. */
  async all(signal: AbortSignal): Promise<void> {
    while (await this.#write(signal, true));
  }

  /** Finds out how far it is. Where nothing serves that is current, nothing counts as written yet. */
  async note(): Promise<void> {
    const { keeper, commits } = this.#parts;
    if (!keeper.serves) return;
    const oldest = await this.#outbox.oldest();
    this.#written = oldest === null ? commits.current : oldest - 1;
  }

  async #write(signal: AbortSignal, evenResting: boolean): Promise<boolean> {
    const { store, clock, fault, emission, commits, outputs, keeper } = this.#parts;
    const { attached } = keeper;
    if (attached.length === 0) return false;
    const wrote = await writeTouched({
      ...{ store, clock, fault, emission, commits, evenResting },
      ...{ outbox: this.#outbox, halving: this.#halving, faults: this.#faults },
      outputs: attached.map((generation) => ({
        target: (commit) => outputs.target(generation, commit),
        writing: outputs.writing(generation, signal),
      })),
      onComputed: (commit) => keeper.noteComputed(commit),
      onWritten: () => keeper.noteWritten(),
    });
    this.#documents += wrote;
    this.#unseen ||= wrote > 0;
    await this.note();
    return wrote > 0;
  }
}
