import Router from '@koa/router';
import type Koa from 'koa';
import { appOf } from '../http/app.ts';
import { healthRoute } from '../http/health-route.ts';
import type { RequestState } from '../http/state.ts';
import type { QueryDeps } from './deps.ts';
import { catalogsRoute } from './routes/catalogs.ts';
import { entitiesRoute, entityRoute } from './routes/entities.ts';
import { integrationsRoute } from './routes/integrations.ts';
import { sourcesRoute } from './routes/sources.ts';
import { versionRoute } from './routes/version.ts';
import { welcomeRoute } from './routes/welcome.ts';

/** The service as a Koa application, without a port. */
export function createApp(deps: QueryDeps): Koa<RequestState> {
  return appOf(createRouter(deps), {
    logger: deps.logger,
    urlBytes: deps.limits.urlBytes,
    audience: 'everyone',
    challenge: 'Bearer',
    unknownPathRemedy: 'The list of catalogs and entity types is at /index/catalogs.',
    longUrlRemedy: 'Send parameters such as `filters` in the body of a POST.',
  });
}

/** Checks that monitoring may run every minute. */
const fastKeys = ['elasticsearch', 'api_endpoints'];

/** Literal paths before those with parameters (specification, service-api 2). */
function createRouter(deps: QueryDeps): Router<RequestState> {
  const router = new Router<RequestState>();
  const health = healthRoute(deps.checks, fastKeys);
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
