import Router from '@koa/router';
import Koa from 'koa';
import type { QueryDeps } from './deps.ts';
import { accessLog } from './http/access-log.ts';
import { errorBodies } from './http/errors.ts';
import { commonHeaders } from './http/headers.ts';
import { urlLimit } from './http/limits.ts';
import { requestId } from './http/request-id.ts';
import type { RequestState } from './http/state.ts';
import { catalogsRoute } from './routes/catalogs.ts';
import { entitiesRoute, entityRoute } from './routes/entities.ts';
import { healthRoute } from './routes/health.ts';
import { integrationsRoute } from './routes/integrations.ts';
import { sourcesRoute } from './routes/sources.ts';
import { versionRoute } from './routes/version.ts';
import { welcomeRoute } from './routes/welcome.ts';

/** The service as a Koa application, without a port. */
export function createApp(deps: QueryDeps): Koa<RequestState> {
  const app = new Koa<RequestState>();
  const router = createRouter(deps);
  app.use(requestId(deps.logger));
  app.use(accessLog);
  app.use(commonHeaders);
  app.use(errorBodies);
  app.use(urlLimit(deps.limits.urlBytes));
  app.use(router.routes());
  app.use(router.allowedMethods());
  app.on('error', (error: unknown) => deps.logger.error({ err: error }, 'answer not sent'));
  return app;
}

/** Literal paths before those with parameters (specification, service-api 2). */
function createRouter(deps: QueryDeps): Router<RequestState> {
  const router = new Router<RequestState>();
  const health = healthRoute(deps);
  const entities = entitiesRoute(deps);
  const entity = entityRoute(deps);
  router.get('/', welcomeRoute(deps));
  router.get('/version', versionRoute(deps));
  router.get('/health', (ctx) => health(ctx, undefined));
  router.get('/health/:keys', (ctx) => health(ctx, ctx.params.keys));
  router.get('/integrations', integrationsRoute);
  router.get('/repository/sources', sourcesRoute(deps));
  router.get('/index/catalogs', catalogsRoute(deps));
  router.get('/index/:type', (ctx) => entities(ctx, ctx.params.type ?? ''));
  router.post('/index/:type', (ctx) => entities(ctx, ctx.params.type ?? ''));
  router.get('/index/:type/:id', (ctx) => entity(ctx, ctx.params.type ?? '', ctx.params.id ?? ''));
  return router;
}
