import { z } from 'zod';
import { answered } from '../answers.ts';
import type { Query } from '../filter/opensearch.ts';
import type { SearchResult } from '../opensearch.ts';

/**
 * Which writes a search saw, as a text that is the same only for the same documents of one index.
 *
 * It is the number, the largest and the sum of the sequence numbers of all documents, tombstones too. Every write
 * gives its document a new, higher number, so that each refresh that shows anything changes the sum, while merges
 * and restarts leave it alone. Sums are exact up to 2^53.
 */
export type IndexState = string;

const stateName = 'state';
const writtenName = 'written';
const written: Query = { stats: { field: '_seq_no' } };

/** Asks for nothing but the state; the engine remembers the answer until a refresh changes it. */
export const stateBody = { size: 0, track_total_hits: true, aggs: { [writtenName]: written } } as const;

/** An aggregation by which the answer to any search tells the state in which it found the index. */
export const stateAggregation: Query = { [stateName]: { global: {}, aggs: { [writtenName]: written } } };

const stats = z.object({ [writtenName]: z.object({ count: z.int(), max: z.number().nullable(), sum: z.number() }) });
const within = z.object({ [stateName]: stats });

/** From the answer to `stateBody`. */
export const stateOf = ({ aggregations }: SearchResult): IndexState => told(answered(stats, aggregations));

/** From the answer to a search that has it. */
export const stateWithin = ({ aggregations }: SearchResult): IndexState => told(answered(within, aggregations).state);

function told({ written: { count, max, sum } }: z.output<typeof stats>): IndexState {
  return `${count} ${max} ${sum}`;
}
