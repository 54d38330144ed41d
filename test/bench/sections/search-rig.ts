import type { Requests } from '../machine/requests.ts';
import type { Bench } from './section.ts';

/** Where everything is, while the section runs. */
export interface SearchRig {
  readonly bench: Bench;
  readonly opensearch: string;
  readonly pid: number;
  readonly requests: Requests;
  readonly sources: readonly string[];
  readonly files: number;
}

/** How long something takes, in milliseconds. */
export async function millisOf(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
