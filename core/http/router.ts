import Router from '@koa/router';
import type { Operation, PathParameters } from './operation.ts';
import type { Context, RequestState } from './state.ts';

/** The operations of one path by their methods, in capitals. */
type Methods = ReadonlyMap<string, Operation>;

/** Literal paths win over those with parameters (specification, service-api 2). */
export function routerOf(operations: readonly Operation[]): Router<RequestState> {
  const router = new Router<RequestState>({ strict: true, sensitive: true });
  for (const [path, methods] of byPath(operations)) {
    router.all(patternOf(path), (ctx) => dispatch(ctx, ctx.params, methods));
  }
  return router;
}

/**
 * The same where a literal path wins for the methods that it has, and no others: `POST /runs/start` leaves
 * `GET /runs/{catalog}` all catalogs, one called `start` too.
 */
export function routerByMethod(operations: readonly Operation[]): Router<RequestState> {
  const router = new Router<RequestState>();
  for (const { method, path, respond } of operations)
    router[method](patternOf(path), (ctx) => respond(ctx, ctx.params as PathParameters));
  return router;
}

const patternOf = (path: string): string => path.replace(/\{(\w+)\}/g, ':$1');

function byPath(operations: readonly Operation[]): readonly [path: string, methods: Methods][] {
  const paths = Object.groupBy(operations, ({ path }) => path);
  const literalsFirst = (path: string) => path.replace(/\{\w+\}/g, '\uffff');
  return Object.entries(paths)
    .map(([path, found]): [string, Methods] => [path, methodsOf(found ?? [])])
    .sort(([a], [b]) => (literalsFirst(a) < literalsFirst(b) ? -1 : 1));
}

function methodsOf(operations: readonly Operation[]): Methods {
  const methods = new Map<string, Operation>();
  for (const operation of operations) {
    methods.set(operation.method.toUpperCase(), operation);
    if (operation.method === 'get') methods.set('HEAD', operation);
  }
  return methods;
}

/** A method that the path doesn't have is refused by what makes the error bodies (RFC 9110, 15.5.6). */
async function dispatch(ctx: Context, path: PathParameters, methods: Methods): Promise<void> {
  const operation = methods.get(ctx.method);
  if (operation !== undefined) return await operation.respond(ctx, path);
  ctx.status = ctx.method === 'OPTIONS' ? 204 : 405;
  ctx.set('Allow', [...methods.keys()].join(', '));
}
