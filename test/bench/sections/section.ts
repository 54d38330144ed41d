import type { Findings } from '../measurement.ts';
import type { Sizes } from '../sizes.ts';

/** What a section runs with. */
export interface Bench {
  readonly sizes: Sizes;
  /** absolute; a new folder, deleted afterwards */
  readonly folder: string;
  readonly say: (line: string) => void;
}

/** One file, one question. */
export interface Section {
  readonly name: string;
  /** what it finds out, for `--help` and the table */
  readonly question: string;
  readonly run: (bench: Bench) => Promise<Findings>;
}

/** The cores of ratios: the server has one, the client under test the other. */
export const cores = { server: 0, client: 1 } as const;

/** Megabytes that the process that rebuilds may take. */
export const memoryLimit = 2 ** 30 / 1e6;
