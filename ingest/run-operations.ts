import { z } from 'zod';
import { LazuliError } from '../core/config/errors.ts';
import { parsedBody } from '../core/http/body.ts';
import { type Operation, operation } from '../core/http/operation.ts';
import type { Context } from '../core/http/state.ts';
import { type Run, runOptionsSchema, runSchema } from '../core/runs/run.ts';
import type { Answer } from './answered.ts';
import { catalogParameter, runsTag } from './description.ts';
import type { AskOwner } from './runs.ts';

/** What operations on runs need of the endpoint. */
export interface RunsDeps {
  readonly runs: AskOwner;
  /** Answers a signed request with what `act` makes of its body. @throws LazuliError `unauthorized` and others */
  readonly signed: (ctx: Context, act: (body: Buffer) => Promise<Answer>) => Promise<void>;
}

const tag = runsTag;
const path = z.object({ catalog: catalogParameter });
const one = path.extend({ id: z.string().max(100).meta({ description: 'Id of a run.' }) });
/** What anyone may know. Sources have names, and may be restricted; reasons may name them. */
const told = runSchema
  .omit({ source: true, prefix: true, sources: true, failure: true })
  .extend({
    restaging: runSchema.shape.restaging
      .unwrap()
      .unwrap()
      .omit({ sources: true, reading: true, problem: true })
      .nullable(),
  })
  .meta({ id: 'RunProgress' });
const changed = z.object({ catalog: z.string(), id: z.string() });
const signed = 'Signed like a notification; the body is empty.';
const refusals = ['not_found', 'unavailable'] as const;
/** A body may be sent to each of them. */
const changing = ['unauthorized', 'conflict', 'unsupported_media_type', ...refusals] as const;

/** Runs, which the owner of a catalog does: anyone may look at them, and whoever may notify may change them. */
export function runOperations(deps: RunsDeps): readonly Operation[] {
  return [
    operation({
      ...{ method: 'get', path: '/runs/{catalog}', id: 'listRuns', tag, pathParameters: path, refusals },
      summary: 'Runs of a catalog, the latest first',
      answer: { description: 'At most a hundred runs.', schema: z.array(told) },
      handle: async (_ctx, given) => (await runsOf(deps, given.path.catalog)).map(withoutSources),
    }),
    operation({
      ...{ method: 'get', path: '/runs/{catalog}/{id}', id: 'getRun', tag, pathParameters: one, refusals },
      summary: 'How far a run is, how fast, and how it ended; only `lazuli runs` shows sources, to operators',
      answer: { description: 'The run.', schema: told },
      handle: async (_ctx, given) => withoutSources(await runNamed(deps, given.path)),
    }),
    operation({
      ...{ method: 'post', path: '/runs/{catalog}', id: 'startRun', tag, pathParameters: path, refusals: changing },
      summary: 'Starts a run: builds a fresh generation of indices, or recomputes some documents',
      description: `Signed like a notification; the body may be empty. With a restriction and
without the repository no generation is built: documents that such bundles have a part in are recomputed.`,
      body: { kind: 'json', schema: startBody, description: 'What is read, and what it is restricted to.' },
      answer: { status: 202, description: 'It has begun.', schema: runSchema },
      respond: (ctx, { path: { catalog } }) =>
        deps.signed(ctx, async (body) => {
          const options = parsedBody(body, startBody, remedy);
          return { status: 202, body: await deps.runs(catalog, (owner) => owner.startRun({ catalog, ...options })) };
        }),
    }),
    operation({
      ...{ method: 'post', path: '/runs/{catalog}/{id}/cancel', id: 'cancelRun', tag, pathParameters: one },
      summary: 'Gives a run up, with what it has built',
      ...{ description: signed, refusals: changing },
      answer: { description: 'It was given up.', schema: changed },
      respond: (ctx, { path: { catalog, id } }) =>
        deps.signed(ctx, async () => {
          await deps.runs(catalog, (owner) => owner.cancelRun({ catalog, id }));
          return { status: 200, body: { catalog, id } };
        }),
    }),
    operation({
      ...{ method: 'post', path: '/runs/{catalog}/{id}/resume', id: 'resumeRun', tag, pathParameters: one },
      summary: 'Tries a run again that failed, was cancelled, or is to be confirmed',
      ...{ description: 'Signed like a notification; the body may be empty.', refusals: changing },
      body: { kind: 'json', schema: resumeBody, description: 'What to accept.' },
      answer: { status: 202, description: 'It will go on.', schema: changed },
      respond: (ctx, { path: { catalog, id } }) =>
        deps.signed(ctx, async (body) => {
          const { accept_vanished: acceptVanished } = parsedBody(body, resumeBody, remedy);
          await deps.runs(catalog, (owner) => owner.resumeRun({ catalog, id, acceptVanished }));
          return { status: 202, body: { catalog, id } };
        }),
    }),
  ];
}

const withoutSources = ({ source: _s, prefix: _p, sources: _all, failure: _f, restaging, ...run }: Run) => ({
  ...run,
  restaging: restaging && { failures: restaging.failures, vanished: restaging.vanished },
});

const resumeBody = z
  .strictObject({
    accept_vanished: z.boolean().optional().meta({ description: 'Documents that are served now may be missing.' }),
  })
  .meta({ id: 'ResumeOptions' });

const startBody = runOptionsSchema.meta({ id: 'RunOptions' });

const remedy = 'Leave it empty, or send the members that the documentation at / names.';

/** The latest first. */
const runsOf = ({ runs }: RunsDeps, catalog: string): Promise<readonly Run[]> =>
  runs(catalog, (owner) => owner.runs({ catalog }));

/** @throws LazuliError `not_found`, `unavailable` */
async function runNamed(deps: RunsDeps, { catalog, id }: z.output<typeof one>): Promise<Run> {
  const found = (await runsOf(deps, catalog)).find((each) => each.id === id);
  if (found !== undefined) return found;
  throw new LazuliError('not_found', `There is no run ${id}.`, { remedy: `Look it up in /runs/${catalog}.` });
}
