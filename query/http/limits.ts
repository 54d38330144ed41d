import { LazuliError } from '../../config/errors.ts';
import type { Context, Next } from './state.ts';

/** Refuses URLs that are too long (specification, service-api 1.1). */
export function urlLimit(maxBytes: number) {
  return async (ctx: Context, next: Next): Promise<void> => {
    const length = Buffer.byteLength(ctx.originalUrl);
    if (length > maxBytes) {
      throw new LazuliError('payload_too_large', `The URL has ${length} bytes; ${maxBytes} is the most.`, {
        remedy: 'Send parameters such as `filters` in the body of a POST.',
      });
    }
    await next();
  };
}

const json = /^application\/json\s*(;|$)/i;

/**
 * The body of a request that may have one, as text; empty where there is none.
 *
 * @throws LazuliError `payload_too_large`, `unsupported_media_type`, `bad_request`
 */
export async function readJsonText(ctx: Context, maxBytes: number): Promise<string> {
  const type = ctx.get('Content-Type');
  if (type !== '' && !json.test(type)) {
    throw new LazuliError('unsupported_media_type', `Unsupported media type: ${type.slice(0, 80)}.`, {
      remedy: 'Send application/json.',
    });
  }
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of ctx.req as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return decode(Buffer.concat(chunks));
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new LazuliError('bad_request', 'Error Parsing JSON: the body is not UTF-8.', {
      remedy: 'Send JSON in UTF-8.',
      cause,
    });
  }
}

function tooLarge(maxBytes: number): LazuliError {
  return new LazuliError('payload_too_large', `The body has more than ${maxBytes} bytes.`, {
    remedy: 'Filter by fewer values.',
  });
}
