import { z } from 'zod';
import { LazuliError } from '../config/errors.ts';
import { type Operation, operation } from '../http/operation.ts';
import type { Context } from '../http/state.ts';
import { type Run, runSchema } from '../streams/run.ts';
import { catalogParameter, runsTag } from './description.ts';
import { type RunChange, type RunsControl, runChanges } from './runs.ts';

/** What operations on runs need of the endpoint. */
export interface RunsDeps {
  readonly runs: RunsControl;
  /** Checks the signature of a request, whose body it reads. @throws LazuliError `unauthorized` */
  readonly verify: (ctx: Context) => Promise<void>;
}

const tag = runsTag;
const path = z.object({ catalog: catalogParameter });
const one = path.extend({ id: z.string().max(100).meta({ description: 'Id of a run.' }) });
const run = runSchema.meta({ id: 'Run' });
const changed = z.object({ catalog: z.string(), id: z.string() });
const signed = 'Signed like a notification; the body is empty.';
const refusals = ['not_found', 'unavailable'] as const;
const changing = ['unauthorized', 'conflict', ...refusals] as const;

/** Builds of whole sets of indices, which the owner of a catalog does: looked at by anyone, changed by who may notify. */
export function runOperations(deps: RunsDeps): readonly Operation[] {
  return [
    operation({
      ...{ method: 'get', path: '/runs/{catalog}', id: 'listRuns', tag, pathParameters: path, refusals },
      summary: 'Reindexing of a catalog: what goes on, and what has ended, the latest first',
      answer: { description: 'At most a hundred runs.', schema: z.array(run) },
      handle: (_ctx, given) => deps.runs.list(given.path.catalog),
    }),
    operation({
      ...{ method: 'get', path: '/runs/{catalog}/{id}', id: 'getRun', tag, pathParameters: one, refusals },
      summary: 'How far a run is with every source, how fast, and how it ended',
      answer: { description: 'The run.', schema: run },
      handle: (_ctx, given) => runNamed(deps.runs, given.path),
    }),
    operation({
      ...{ method: 'post', path: '/runs/{catalog}', id: 'startRun', tag, pathParameters: path, refusals: changing },
      summary: 'Computes every document of a catalog again into a fresh generation of indices',
      description: signed,
      answer: { status: 202, description: 'It has begun.', schema: run },
      respond: async (ctx, given) => {
        await deps.verify(ctx);
        ctx.body = await deps.runs.start(given.path.catalog);
        ctx.status = 202;
      },
    }),
    ...runChanges.map((change) => changeOperation(deps, change)),
  ];
}

const changes = {
  cancel: { summary: 'Gives a run up, with what it has built', status: 200, description: 'It was given up.' },
  resume: {
    summary: 'Tries a run again that failed or was cancelled',
    ...{ status: 202, description: 'It will go on.' },
  },
} as const;

function changeOperation(deps: RunsDeps, change: RunChange): Operation {
  const { summary, status, description } = changes[change];
  return operation({
    ...{ method: 'post', path: `/runs/{catalog}/{id}/${change}`, id: `${change}Run`, tag, summary },
    ...{ description: signed, pathParameters: one, refusals: changing },
    answer: { status, description, schema: changed },
    respond: async (ctx, { path: { catalog, id } }) => {
      await deps.verify(ctx);
      await deps.runs.change(catalog, id, change);
      ctx.body = { catalog, id };
      ctx.status = status;
    },
  });
}

/** @throws LazuliError `not_found`, `unavailable` */
async function runNamed(runs: RunsControl, { catalog, id }: z.output<typeof one>): Promise<Run> {
  const found = (await runs.list(catalog)).find((each) => each.id === id);
  if (found !== undefined) return found;
  throw new LazuliError('not_found', `There is no run ${id}.`, { remedy: `Look it up in /runs/${catalog}.` });
}
