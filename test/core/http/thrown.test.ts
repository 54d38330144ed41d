import { Readable } from 'node:stream';
import Router from '@koa/router';
import { expect } from 'chai';
import type Koa from 'koa';
import { Registry } from 'prom-client';
import { LazuliError } from '../../../core/config/errors.ts';
import { appOf } from '../../../core/http/app.ts';
import { listen } from '../../../core/http/server.ts';
import type { Audience, Context, Next, RequestState } from '../../../core/http/state.ts';
import { noLogger } from '../../../core/runtime/logger.ts';
import { limits } from './served.ts';

const internal = { Code: 'InternalServerError', Message: 'An internal server error occurred.' };
const refused = { Code: 'NotFoundError', Message: 'No.' };

/** What may be thrown, and what is said about it. */
const thrown: readonly [what: string, make: () => unknown, status: number, body: object][] = [
  ['an error of the catalogue', () => new LazuliError('not_found', 'No.'), 404, refused],
  ['any error', () => new TypeError('inner details'), 500, internal],
  [
    'an error of a library, which would be shown',
    () => Object.assign(new Error('inner'), { status: 406, expose: true, headers: { 'X-Inner': '1' } }),
    500,
    internal,
  ],
  ['no error at all', () => 'inner', 500, internal],
  ['null', () => null, 500, internal],
  ['nothing', () => undefined, 500, internal],
];

/** A server as every one of ours, with one more middleware at that place. */
async function serveWith(audience: Audience, place: number, middleware: Koa.Middleware<RequestState>) {
  const router = new Router<RequestState>();
  router.get('/page', (ctx) => {
    ctx.set('Cache-Control', 'public, max-age=500');
    ctx.body = { page: 'lapis lazuli '.repeat(500) };
  });
  const { urlBytes } = limits;
  const app = appOf(router, { logger: noLogger, urlBytes, audience, metrics: new Registry(), challenge: 'Bearer' });
  app.middleware.splice(place, 0, middleware as Koa.Middleware);
  const server = await listen(app, { host: '127.0.0.1', port: 0, urlBytes });
  return { ...server, places: app.middleware.length, [Symbol.asyncDispose]: server.stop };
}

const ask = async (url: string, method = 'GET', headers: Readonly<Record<string, string>> = {}) =>
  fetch(`${url}/page`, { method, headers: { 'X-Request-Id': 'me-1', ...headers } });

const everyones = { 'access-control-allow-origin': '*', 'access-control-expose-headers': 'Retry-After,X-Request-Id' };
const always = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'self'",
  'content-type': 'application/json; charset=utf-8',
  'strict-transport-security': 'max-age=63072000; includeSubDomains; preload',
  'x-content-type-options': 'nosniff',
  'x-request-id': 'me-1',
};

function expectOurs(audience: Audience, { headers }: Response, what: string): void {
  const found = Object.fromEntries(headers);
  expect(found, what).to.deep.include({ ...always, ...(audience === 'everyone' ? everyones : {}) });
  expect(found, what).not.to.have.any.keys('content-encoding', 'etag', 'x-inner');
}

/** Places of the router and of what follows it, which nothing that is routed comes to. */
const behindRouter = 2;

/** Within all others but the router. */
const innermost = 9;

const none = async (_ctx: Context, next: Next) => next();

for (const audience of ['everyone', 'operators'] as const) {
  describe(`What a middleware of a server for ${audience} throws`, () => {
    for (const [what, make, status, body] of thrown) {
      it(`is answered with body and headers, whichever it is, before the others or after them: ${what}`, async () => {
        await using usual = await serveWith(audience, 0, none);
        expect((await ask(usual.url)).status).to.equal(200);
        for (let place = 0; place < usual.places - behindRouter; place++) {
          const before = () => {
            throw make();
          };
          const after = async (ctx: Context, next: Next) => {
            await next();
            ctx.set({ 'Content-Encoding': 'gzip', 'X-Inner': '1' });
            throw make();
          };
          for (const middleware of [before, after]) {
            await using server = await serveWith(audience, place, middleware);
            const answer = await ask(server.url, 'GET', { 'Accept-Encoding': 'gzip' });
            const told = `${middleware.name}, at place ${place}`;
            expect([answer.status, await answer.json()], told).to.deep.equal([status, body]);
            expectOurs(audience, answer, told);
            const head = await ask(server.url, 'HEAD');
            expect([head.status, await head.text()], told).to.deep.equal([status, '']);
            expectOurs(audience, head, told);
          }
        }
      });
    }

    it('is answered so where a body can not be written', async () => {
      const circular: { self?: unknown } = {};
      circular.self = circular;
      for (const body of [circular, { big: 1n }]) {
        await using server = await serveWith(audience, innermost, (ctx) => {
          ctx.body = body;
        });
        const answer = await ask(server.url);
        expect([answer.status, await answer.json()]).to.deep.equal([500, internal]);
        expectOurs(audience, answer, Object.keys(body).join());
      }
    });

    for (const begun of [[], ['begun']]) {
      it(`cuts the answer where it is a stream: it must not look whole; after ${begun.length} parts of it`, async () => {
        const failing = async function* () {
          yield* begun;
          throw new Error('inner');
        };
        for (const encoding of ['identity', 'gzip']) {
          await using server = await serveWith(audience, innermost, (ctx) => {
            ctx.body = Readable.from(failing());
          });
          const answer = ask(server.url, 'GET', { 'Accept-Encoding': encoding });
          const text = await answer.then((begins) => begins.text()).catch((error: unknown) => error);
          expect(text, encoding).to.be.instanceOf(TypeError);
        }
      });
    }
  });
}
