import { Readable } from 'node:stream';
import { constants } from 'node:zlib';
import compress from 'koa-compress';
import type { Context, Next } from './state.ts';

/** Smaller bodies fit into a packet as they are. */
const threshold = 1024;

/**
 * Compresses what is worth it as the caller prefers, by Brotli or gzip (RFC 9110, 12.5.3); at levels that cost less
 * time than sending the bytes would. Callers that accept neither of them, nor uncompressed bodies, still get it uncompressed.
 */
export function compression() {
  const compressed = compress({
    threshold,
    br: { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } },
    gzip: { level: 4 },
    deflate: false,
    zstd: false,
  });
  return async (ctx: Context & { compress?: boolean }, next: Next): Promise<void> => {
    const { method } = ctx;
    if (ctx.acceptsEncodings('br', 'gzip', 'identity') === false) ctx.compress = false;
    try {
      await compressed(ctx, async () => {
        await next();
        failWithSource(ctx);
        // Its headers are those that GET would get (RFC 9110, 9.3.2): the length of a body that is compressed isn't known.
        if (method === 'HEAD') ctx.method = 'GET';
      });
    } finally {
      ctx.method = method;
    }
  };
}

/** A compressor doesn't notice that its stream failed, and would wait for more of it forever. */
function failWithSource(ctx: Context): void {
  const { body: source } = ctx as { body: unknown };
  if (!(source instanceof Readable)) return;
  source.once('error', (error) => {
    const { body } = ctx as { body: unknown };
    if (body !== source && body instanceof Readable) body.destroy(error);
  });
}
