import type Router from '@koa/router';
import { z } from 'zod';
import { type AppOptions, appOf } from '../../../core/http/app.ts';
import { readJsonText } from '../../../core/http/body.ts';
import { type Operation, operation } from '../../../core/http/operation.ts';
import { routerOf } from '../../../core/http/router.ts';
import { type Listening, listen, type Patience } from '../../../core/http/server.ts';
import type { RequestState } from '../../../core/http/state.ts';
import { noLogger } from '../../../core/runtime/logger.ts';

/** Bounds that a test reaches soon. */
export const limits = { urlBytes: 1_000, bodyBytes: 100_000 };

/** What a test adds to the server: routes, other options. */
export interface Toy extends Partial<AppOptions> {
  /** absent: that of every server */
  readonly patience?: Patience;
  routes?(router: Router<RequestState>): void;
  readonly operations?: readonly Operation[];
}

const described = { tag: 'Toys', summary: '', answer: { description: '', schema: z.unknown() } };
const hello = operation({
  ...{ ...described, method: 'get', path: '/hello', id: 'hello' },
  handle: () => ({ hello: 'world' }),
});
const echo = operation({
  ...{ ...described, method: 'post', path: '/echo', id: 'echo' },
  handle: async (ctx) => {
    const text = await readJsonText(ctx, { maxBytes: limits.bodyBytes, remedy: 'Send less.' });
    return { length: text.length };
  },
});

/** A server on a free port: `GET /hello` greets, `POST /echo` says the length of a JSON body. */
export async function serve({
  routes,
  patience,
  operations = [],
  ...options
}: Toy = {}): Promise<Listening & AsyncDisposable> {
  const router = routerOf([hello, echo, ...operations]);
  routes?.(router);
  const { urlBytes } = limits;
  const app = appOf(router, { logger: noLogger, urlBytes, audience: 'everyone', ...options });
  const server = await listen(app, { host: '127.0.0.1', port: 0, urlBytes }, patience);
  return { ...server, [Symbol.asyncDispose]: server.stop };
}
