import Router from '@koa/router';
import type Koa from 'koa';
import { z } from 'zod';
import { LazuliError } from '../../core/config/errors.ts';
import { isRestricted, type Restriction } from '../../core/config/sources.ts';
import { basicHealth } from '../../core/health/health-route.ts';
import { appOf, type OperatorsOptions } from '../../core/http/app.ts';
import { readJsonText } from '../../core/http/body.ts';
import { duringLongWork } from '../../core/http/long-work.ts';
import type { Context, RequestState } from '../../core/http/state.ts';
import { restrictionSchema } from '../../core/runs/restaging.ts';
import { type Run, type RunOptions, runOptionsSchema } from '../../core/runs/run.ts';
import type { CatalogShard } from '../loading/consumers.ts';
import type { Forecast } from '../verification/forecast.ts';
import type { Verification } from '../verification/verify.ts';
import type { CatalogProgress } from './catalog-progress.ts';
import type { Census } from './census.ts';

/** A catalog as its worker sees it. */
export type CatalogStatus = CatalogProgress & Partial<Census>;

/** What `GET /status` of a transform process answers. */
export interface TransformStatus {
  readonly stage: 'transform';
  /** of the stream of batches, for each catalog */
  readonly shards: readonly CatalogShard[];
  readonly catalogs: Readonly<Record<string, CatalogStatus>>;
}

/** What can be asked of a transform process. */
export interface TransformControl {
  status(): Promise<TransformStatus>;
  /** @throws LazuliError `not_found` */
  reindex(catalog: string): Promise<void>;
  /**
   * Lets a former generation serve again; the one that served last by default.
   *
   * @returns its number
   * @throws LazuliError `not_found`, `conflict`
   */
  rollBack(catalog: string, generation?: number): Promise<number>;
  /** Compares a generation with the store; the one that serves by default. @throws LazuliError `not_found`, `conflict` */
  verify(catalog: string, generation?: number): Promise<Verification>;
  /** Builds of generations, the latest first. @throws LazuliError `not_found` */
  runs(catalog: string): Promise<readonly Run[]>;
  /** What a run from what is staged would come to, without beginning one. @throws LazuliError `not_found` */
  forecast(catalog: string, restriction?: Restriction): Promise<Forecast>;
  /** Begins a run. @throws LazuliError `not_found`, `conflict` where one is running */
  startRun(catalog: string, options: RunOptions): Promise<Run>;
  /** Gives a run up. @throws LazuliError `not_found`, `conflict` */
  cancelRun(catalog: string, id: string): Promise<void>;
  /**
   * Tries a run once more that failed, was cancelled or is to be confirmed.
   *
   * @param acceptsVanished whether its generation may lack documents that are served now
   * @throws LazuliError `not_found`, `conflict`
   */
  resumeRun(catalog: string, id: string, acceptsVanished: boolean): Promise<void>;
  /** Has batches loaded once more that were staged since a time, in milliseconds since the epoch. @returns how many */
  replay(catalog: string, from: number): Promise<number>;
  /** Has everything of a source removed that is staged by now. @throws LazuliError `not_found` */
  removeSource(catalog: string, source: string): Promise<void>;
  /** Deletes a generation that doesn't serve. @throws LazuliError `not_found`, `conflict` */
  drop(catalog: string, generation: number): Promise<void>;
  /** @throws LazuliError `not_found`, `bad_request` */
  touch(catalog: string, entityType: string, entityId: string): Promise<void>;
}

const maxBody = 64 * 2 ** 10;
const reindexBody = z.strictObject({ catalog: z.string() });
const startBody = runOptionsSchema.extend({ catalog: z.string() });
const forecastBody = restrictionSchema.extend({ catalog: z.string() });
const generation = z.int().positive();
const whichBody = z.strictObject({ catalog: z.string(), generation: generation.optional() });
const dropBody = z.strictObject({ catalog: z.string(), generation });
const runBody = z.strictObject({ catalog: z.string(), id: z.string().max(100) });
const resumeBody = runBody.extend({ acceptVanished: z.boolean().default(false) });
const replayBody = z.strictObject({ catalog: z.string(), from: z.iso.datetime() });
const sourceBody = z.strictObject({ catalog: z.string(), source: z.string().min(1).max(4096) });
const touchBody = z.strictObject({ catalog: z.string(), entityType: z.string(), entityId: z.string() });

/**
 * The control endpoint of a transform process, for operators on the same host: `GET /status`,
 * `POST /reindex` (202; progress is in the status), `POST /touch` (a document is computed again),
 * `POST /replay` and `POST /sources/remove` (202; it is done soon), `GET /runs/<catalog>`, `POST /runs/start`, `/runs/forecast`,
 * `/runs/cancel` and `/runs/resume`, `POST /rollback`, `POST /verify` and
 * `POST /drop` (done when they are answered). What is asked to be done is repeated in the answer.
 */
export function controlApp(control: TransformControl, options: OperatorsOptions): Koa<RequestState> {
  const router = new Router<RequestState>();
  router.get('/status', async (ctx) => {
    ctx.body = await control.status();
  });
  router.get('/health/basic', basicHealth);
  router.post('/reindex', async (ctx) => {
    const { catalog } = await bodyOf(ctx, reindexBody);
    await control.reindex(catalog);
    accept(ctx, { catalog });
  });
  router.post('/rollback', duringLongWork, async (ctx) => {
    const { catalog, generation } = await bodyOf(ctx, whichBody);
    ctx.body = { catalog, generation: await control.rollBack(catalog, generation) };
  });
  router.get('/runs/:catalog', async (ctx) => {
    ctx.body = await control.runs(String(ctx.params.catalog));
  });
  router.post('/runs/start', async (ctx) => {
    const { catalog, ...options } = await bodyOf(ctx, startBody);
    accept(ctx, await control.startRun(catalog, options));
  });
  router.post('/runs/forecast', duringLongWork, async (ctx) => {
    const { catalog, ...restriction } = await bodyOf(ctx, forecastBody);
    ctx.body = await control.forecast(catalog, isRestricted(restriction) ? restriction : undefined);
  });
  router.post('/runs/cancel', async (ctx) => {
    const { catalog, id } = await bodyOf(ctx, runBody);
    await control.cancelRun(catalog, id);
    ctx.body = { catalog, id };
  });
  router.post('/runs/resume', async (ctx) => {
    const { catalog, id, acceptVanished } = await bodyOf(ctx, resumeBody);
    await control.resumeRun(catalog, id, acceptVanished);
    accept(ctx, { catalog, id });
  });
  router.post('/verify', duringLongWork, async (ctx) => {
    const { catalog, generation } = await bodyOf(ctx, whichBody);
    ctx.body = await control.verify(catalog, generation);
  });
  router.post('/drop', async (ctx) => {
    const { catalog, generation } = await bodyOf(ctx, dropBody);
    await control.drop(catalog, generation);
    ctx.body = { catalog, generation };
  });
  router.post('/replay', async (ctx) => {
    const { catalog, from } = await bodyOf(ctx, replayBody);
    accept(ctx, { catalog, batches: await control.replay(catalog, Date.parse(from)) });
  });
  router.post('/sources/remove', async (ctx) => {
    const { catalog, source } = await bodyOf(ctx, sourceBody);
    await control.removeSource(catalog, source);
    accept(ctx, { catalog, source });
  });
  router.post('/touch', async (ctx) => {
    const { catalog, entityType, entityId } = await bodyOf(ctx, touchBody);
    await control.touch(catalog, entityType, entityId);
    accept(ctx, { catalog, entityType, entityId });
  });
  return appOf(router, { ...options, audience: 'operators' });
}

/** Answers 202: it is certain to be done. */
function accept(ctx: Context, answer: object): void {
  ctx.body = answer;
  ctx.status = 202;
}

/** @throws LazuliError `bad_request`, `unsupported_media_type`, `payload_too_large` */
async function bodyOf<T>(ctx: Context, schema: z.ZodType<T>): Promise<T> {
  const text = await readJsonText(ctx, { maxBytes: maxBody });
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new LazuliError('bad_request', `The body is not what is expected here: ${(cause as Error).message}`, {
      cause,
    });
  }
}
