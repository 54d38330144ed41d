import type { PlannedDocuments } from '../generations/plan.ts';

/** How far a build is with the documents of a source. */
export interface SourceTally {
  readonly source: string;
  readonly expected: number;
  readonly computed: number;
  readonly written: number;
}

/** Beyond it sources aren't listed one by one. */
const maxSources = 1000;

/** Counts the documents of a build by source, a bucket at a time. */
export class Tally {
  readonly #planned: readonly PlannedDocuments[];
  readonly #computed = new Set<number>();
  readonly #written = new Set<number>();

  constructor(planned: readonly PlannedDocuments[]) {
    this.#planned = planned;
    for (const { bucket, written } of planned) if (written) this.noteWritten(bucket);
  }

  noteComputed(bucket: number): void {
    this.#computed.add(bucket);
  }

  noteWritten(bucket: number): void {
    this.#computed.add(bucket);
    this.#written.add(bucket);
  }

  get sources(): readonly SourceTally[] {
    const bySource = Map.groupBy(this.#planned, ({ source }) => source);
    return [...bySource]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .slice(0, maxSources)
      .map(([source, all]) => ({
        source,
        expected: sum(all),
        computed: sum(all.filter(({ bucket }) => this.#computed.has(bucket))),
        written: sum(all.filter(({ bucket }) => this.#written.has(bucket))),
      }));
  }
}

const sum = (planned: readonly PlannedDocuments[]): number => planned.reduce((n, { documents }) => n + documents, 0);
