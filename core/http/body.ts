import { z } from 'zod';
import { LazuliError } from '../config/errors.ts';
import { shownIssues } from '../config/issues.ts';
import { jsonTextOf, parsedJson } from '../config/text.ts';
import type { Context } from './state.ts';

/** How much of a body is read, and what to do where that isn't enough. */
export interface BodyLimit {
  readonly maxBytes: number;
  readonly remedy?: string;
}

/** Of all bodies that are arriving at this process; one alone may have more. */
const maxArriving = 64 * 2 ** 20;
let arriving = 0;

/**
 * The body of a request, empty where there is none.
 *
 * @throws LazuliError `payload_too_large`, `unsupported_media_type` when it is compressed, `bad_request` when the
 *   caller hangs up half-way, or `overloaded` when too much arrives at the same time
 */
export async function readBody(ctx: Context, limit: BodyLimit): Promise<Buffer> {
  requireUncoded(ctx);
  if (Number(ctx.get('Content-Length')) > limit.maxBytes) throw tooLarge(limit);
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    // Destroying the request would take the connection with it, and the answer.
    for await (const chunk of ctx.req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      length += chunk.length;
      arriving += chunk.length;
      if (length > limit.maxBytes) throw tooLarge(limit);
      if (arriving > maxArriving && arriving > length) throw tooMuch();
      chunks.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof LazuliError) throw cause;
    throw new LazuliError('bad_request', 'The request ended before its body did', { cause });
  } finally {
    arriving -= length;
  }
  return Buffer.concat(chunks, length);
}

/**
 * The body of a request that may have one, as text; empty where there is none.
 *
 * @throws LazuliError `payload_too_large`, `unsupported_media_type`, `bad_request`
 */
export async function readJsonText(ctx: Context, limit: BodyLimit): Promise<string> {
  requireJson(ctx);
  return decode(await readBody(ctx, limit));
}

/**
 * A JSON body as a schema has it; an empty one says nothing.
 *
 * @param remedy what to send instead
 * @throws LazuliError `bad_request` that names what is wrong
 */
export function parsedBody<T>(body: Uint8Array, schema: z.ZodType<T>, remedy: string): T {
  try {
    return schema.parse(body.length === 0 ? {} : parsedJson(body));
  } catch (cause) {
    const what = cause instanceof z.ZodError ? `: ${shownIssues(cause)}` : '';
    throw new LazuliError('bad_request', `The body is not what is expected here${what}`, { remedy, cause });
  }
}

const json = /^application\/json\s*(;|$)/i;

/** @throws LazuliError `unsupported_media_type` where the request says that its body is something else */
export function requireJson(ctx: Context): void {
  const type = ctx.get('Content-Type');
  if (type !== '') demandJson(ctx);
}

/** The same where it doesn't say so: browsers send JSON to other origins only after asking whether they may. */
export function demandJson(ctx: Context): void {
  if (!saysJson(ctx)) throw notJson(ctx);
}

/** Whether a request says that its body is JSON. */
export const saysJson = (ctx: Context): boolean => json.test(ctx.get('Content-Type'));

const notJson = (ctx: Context): LazuliError =>
  new LazuliError(
    'unsupported_media_type',
    `Unsupported media type: ${ctx.get('Content-Type').slice(0, 80) || 'none'}`,
    {
      remedy: 'Send application/json.',
    },
  );

function requireUncoded(ctx: Context): void {
  const coding = ctx.get('Content-Encoding');
  if (/^(identity)?$/i.test(coding.trim())) return;
  throw new LazuliError('unsupported_media_type', `Unsupported content coding: ${coding.slice(0, 80)}`, {
    remedy: 'Send the body as it is.',
  });
}

function decode(bytes: Buffer): string {
  try {
    return jsonTextOf(bytes);
  } catch (cause) {
    throw new LazuliError('bad_request', 'Error Parsing JSON: the body is not UTF-8.', {
      remedy: 'Send JSON in UTF-8.',
      cause,
    });
  }
}

const tooMuch = (): LazuliError =>
  new LazuliError('overloaded', 'Too much is being sent at the moment.', { remedy: 'Try again in a few seconds.' });

function tooLarge({ maxBytes, remedy }: BodyLimit): LazuliError {
  const message = `The body has more than ${maxBytes} bytes.`;
  return new LazuliError('payload_too_large', message, remedy === undefined ? {} : { remedy });
}
