import { LazuliError } from '../config/errors.ts';
import type { Context, Next } from './state.ts';

/** Refuses URLs that are too long (specification, service-api 1.1) before anything looks at them. */
export function urlLimit(maxBytes: number, remedy = 'Shorten it.') {
  return async (ctx: Context, next: Next): Promise<void> => {
    const length = Buffer.byteLength(ctx.originalUrl);
    if (length > maxBytes) {
      throw new LazuliError('payload_too_large', `The URL has ${length} bytes; ${maxBytes} is the most.`, { remedy });
    }
    await next();
  };
}
