import Router from '@koa/router';
import Koa from 'koa';
import { z } from 'zod';
import { LazuliError } from '../config/errors.ts';
import type { ConsumerStatus } from '../streams/consumer.ts';
import type { Logger } from '../streams/logger.ts';
import type { CatalogProgress } from './catalog.ts';
import type { Census } from './census.ts';

/** A catalog as its worker sees it. */
export type CatalogStatus = CatalogProgress & Partial<Census>;

/** What `GET /status` of a transform process answers. */
export interface TransformStatus {
  readonly stage: 'transform';
  readonly shards: ConsumerStatus['shards'];
  readonly catalogs: Readonly<Record<string, CatalogStatus>>;
}

/** What can be asked of a transform process. */
export interface TransformControl {
  status(): Promise<TransformStatus>;
  /** @throws LazuliError `not_found` */
  reindex(catalog: string): Promise<void>;
  /** @throws LazuliError `not_found`, `bad_request` */
  touch(catalog: string, entityType: string, entityId: string): Promise<void>;
}

const maxBody = 64 * 2 ** 10;
const reindexBody = z.strictObject({ catalog: z.string() });
const touchBody = z.strictObject({ catalog: z.string(), entityType: z.string(), entityId: z.string() });

/**
 * The control endpoint of a transform process, for operators on the same host: `GET /status`,
 * `POST /reindex` (202; progress is in the status), `POST /touch` (a document is computed again).
 */
export function controlApp(control: TransformControl, logger: Logger): Koa {
  const router = new Router();
  router.get('/status', async (ctx) => {
    ctx.body = await control.status();
  });
  router.get('/health/basic', (ctx) => {
    ctx.body = { up: true };
  });
  router.post('/reindex', async (ctx) => {
    const { catalog } = await bodyOf(ctx.req, reindexBody);
    await control.reindex(catalog);
    ctx.status = 202;
  });
  router.post('/touch', async (ctx) => {
    const { catalog, entityType, entityId } = await bodyOf(ctx.req, touchBody);
    await control.touch(catalog, entityType, entityId);
    ctx.status = 202;
  });
  const app = new Koa();
  app.silent = true;
  app.use(errorAnswers(logger));
  app.use(router.routes());
  app.use(router.allowedMethods());
  return app;
}

function errorAnswers(logger: Logger): Koa.Middleware {
  return async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      const known = error instanceof LazuliError ? error : new LazuliError('unavailable', (error as Error).message);
      logger.warn({ err: error, path: ctx.path }, 'request failed');
      ctx.status = known.status;
      ctx.body = { Code: known.code, Message: known.message, Remedy: known.remedy };
    }
  };
}

async function bodyOf<T>(request: AsyncIterable<Buffer>, schema: z.ZodType<T>): Promise<T> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > maxBody) throw new LazuliError('payload_too_large', `The body is larger than ${maxBody} bytes`);
    chunks.push(chunk);
  }
  try {
    return schema.parse(JSON.parse(Buffer.concat(chunks).toString()));
  } catch (cause) {
    throw new LazuliError('bad_request', `The body is not what is expected here: ${(cause as Error).message}`, {
      cause,
    });
  }
}
