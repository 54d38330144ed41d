import type { z } from 'zod';
import { LazuliError } from '../core/config/errors.ts';
import { isIndexMissing, refusalOf } from '../core/search/search-answers.ts';

const message = 'The search engine is not available.';
const remedy = 'Try again in a few seconds.';

/**
 * OpenSearch gave no credible answer: none came, or it isn't what was asked for. A status alone says nothing: a proxy's
 * page has 200, too.
 */
export const noAnswer = (cause: unknown): LazuliError => new LazuliError('unavailable', message, { remedy, cause });

/** An index isn't there any more: another one may serve by now, and can be asked instead. */
export class IndexVanished extends LazuliError {
  constructor(cause: unknown) {
    super('unavailable', message, { remedy, cause });
  }
}

/** An answer, or a part of one, of which something depends on its shape. @throws LazuliError `unavailable` for any other */
export function answered<T>(schema: z.ZodType<T>, value: unknown): T {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  throw noAnswer(error);
}

/** @throws LazuliError `unavailable` where it isn't JSON */
export function answeredJson(parse: () => unknown): unknown {
  try {
    return parse();
  } catch (error) {
    throw noAnswer(error);
  }
}

/**
 * The meaning of an answer that isn't a success. Only a search that OpenSearch itself finds wrong is our mistake. That
 * it lets nobody in, blocks an index or has too much to do says nothing about the question.
 *
 * @param body as parsed; the text of what is no JSON
 */
export function refusedBy(status: number, body: unknown): Error {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const cause = new Error(`OpenSearch answered ${status}: ${text.slice(0, 2000)}`);
  if (isIndexMissing(status, body)) return new IndexVanished(cause);
  const isOurs = status === 400 && refusalOf(status, body) !== null;
  return isOurs ? new Error(`OpenSearch refused a search with status ${status}`, { cause }) : noAnswer(cause);
}
