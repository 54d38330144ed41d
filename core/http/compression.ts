import { Readable } from 'node:stream';
import { constants } from 'node:zlib';
import compress from 'koa-compress';
import type { Context, Next } from './state.ts';

/** Smaller bodies fit into a packet as they are. */
const threshold = 1024;
/** Compressors take a megabyte each, and are faster only as long as there are cores. */
const mostAtOnce = 8;

/**
 * Compresses what is worth it as the caller prefers, by Brotli or gzip (RFC 9110, 12.5.3); at levels that cost less
 * time than sending the bytes would. Callers that accept neither of them, nor uncompressed bodies, still get it uncompressed, as do
 * all while there is too much to compress.
 */
export function compression() {
  const compressed = compress({
    threshold,
    br: { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } },
    gzip: { level: 4 },
    deflate: false,
    zstd: false,
  });
  let atOnce = 0;
  return async (ctx: Context & { compress?: boolean }, next: Next): Promise<void> => {
    const { method } = ctx;
    let [source, own]: [unknown, number] = [undefined, 0];
    if (ctx.acceptsEncodings('br', 'gzip', 'identity') === false) ctx.compress = false;
    try {
      await compressed(ctx, async () => {
        await next();
        source = ctx.body;
        failWithSource(ctx);
        own = 1;
        atOnce += own;
        if (atOnce > mostAtOnce) ctx.compress = false;
        // Its headers are those that GET would get (RFC 9110, 9.3.2).
        if (method === 'HEAD') ctx.method = 'GET';
      });
      await gather(ctx, source);
    } finally {
      atOnce -= own;
      ctx.method = method;
    }
  };
}

/** What was in memory is compressed as a whole: a compressor doesn't wait for the caller to take the answer. */
async function gather(ctx: Context, source: unknown): Promise<void> {
  const { body } = ctx as { body: unknown };
  if (source instanceof Readable || !(body instanceof Readable)) return;
  ctx.body = Buffer.concat(await body.toArray());
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
