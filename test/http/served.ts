import Router from '@koa/router';
import { type AppOptions, appOf } from '../../http/app.ts';
import { readJsonText } from '../../http/body.ts';
import { type Listening, listen } from '../../http/server.ts';
import type { RequestState } from '../../http/state.ts';
import { noLogger } from '../../streams/logger.ts';

/** Bounds that a test reaches soon. */
export const limits = { urlBytes: 1_000, bodyBytes: 100_000 };

/** What a test adds to the server: routes that fail, other options. */
export interface Toy extends Partial<AppOptions> {
  routes?(router: Router<RequestState>): void;
}

/** A server on a free port: `GET /hello` greets, `POST /echo` says the length of a JSON body. */
export async function serve({ routes, ...options }: Toy = {}): Promise<Listening & AsyncDisposable> {
  const router = new Router<RequestState>();
  router.get('/hello', (ctx) => {
    ctx.body = { hello: 'world' };
  });
  router.post('/echo', async (ctx) => {
    const text = await readJsonText(ctx, { maxBytes: limits.bodyBytes, remedy: 'Send less.' });
    ctx.body = { length: text.length };
  });
  routes?.(router);
  const { urlBytes } = limits;
  const app = appOf(router, { logger: noLogger, urlBytes, audience: 'everyone', ...options });
  const server = await listen(app, { host: '127.0.0.1', port: 0, urlBytes });
  return { ...server, [Symbol.asyncDispose]: server.stop };
}
