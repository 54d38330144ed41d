import { z } from 'zod';
import { restrictionSchema } from '../runs/restaging.ts';
import { runOptionsSchema, runSchema } from '../runs/run.ts';
import { transformStatusSchema } from './catalog-status.ts';
import { nothing, order, question } from './declaration.ts';
import { forecastSchema } from './forecast.ts';
import { documentPlaceSchema, documentsCheckSchema, verificationSchema } from './verification.ts';

const catalog = z.string().meta({ description: 'Name of a catalog.' });
const one = z.strictObject({ catalog });
const generation = z.int().positive();
const which = one.extend({ generation: generation.optional() });
const runNamed = one.extend({ id: z.string().max(100).meta({ description: 'Of a run.' }) });
const refusals = ['not_found', 'unavailable'] as const;
const changing = ['conflict', ...refusals] as const;

/** What can be asked of a transform process. */
export const transformControl = {
  status: question({
    ...{ method: 'get', path: '/status', given: nothing, answer: transformStatusSchema },
    summary: 'How far the catalogs of this process are',
  }),
  runs: question({
    ...{ method: 'get', path: '/runs/{catalog}', given: one, answer: z.array(runSchema), refusals },
    summary: 'Runs of a catalog, the latest first',
  }),
  startRun: question({
    ...{ method: 'post', path: '/runs/start', status: 202, long: true, refusals: changing },
    ...{ given: runOptionsSchema.extend({ catalog }), answer: runSchema },
    summary: 'Begins a run',
    description: 'Builds a fresh generation, or recomputes some documents. One run at a time: otherwise 409.',
  }),
  reindex: order({
    ...{ method: 'post', path: '/reindex', given: one, status: 202, refusals, deprecated: true },
    summary: 'Begins a run of everything from what is staged, after the one that goes on: use `/runs/start`',
  }),
  forecast: question({
    ...{ method: 'post', path: '/runs/forecast', long: true, refusals: changing },
    ...{ given: restrictionSchema.extend({ catalog }), answer: forecastSchema },
    summary: 'What a run from what is staged would do; begins none',
  }),
  cancelRun: order({
    ...{ method: 'post', path: '/runs/cancel', given: runNamed, refusals: changing },
    summary: 'Gives a run up',
  }),
  resumeRun: order({
    ...{ method: 'post', path: '/runs/resume', status: 202, refusals: changing, how: ['acceptVanished'] },
    given: runNamed.extend({
      acceptVanished: z
        .boolean()
        .default(false)
        .meta({ description: 'Whether documents that are served now may be missing.' }),
    }),
    summary: 'Tries a run again that failed, was cancelled, or is to be confirmed',
  }),
  verify: question({
    ...{ method: 'post', path: '/verify', given: which, answer: verificationSchema, long: true, refusals: changing },
    summary: 'Compares a generation with the store; the one that serves by default',
  }),
  verifyDocuments: question({
    ...{ method: 'post', path: '/verify/documents', answer: documentsCheckSchema, long: true, refusals: changing },
    given: which.extend({ after: documentPlaceSchema.nullable().default(null) }),
    summary: 'Compares the next documents of a generation, byte by byte, with what was written',
  }),
  rollBack: question({
    ...{ method: 'post', path: '/rollback', given: which, long: true, refusals: changing },
    answer: z.object({ catalog, generation }),
    summary: 'Lets a former generation serve again; the one that served last by default',
  }),
  drop: order({
    ...{ method: 'post', path: '/drop', given: one.extend({ generation }), refusals: changing },
    summary: "Deletes a generation that doesn't serve",
  }),
  replay: question({
    ...{ method: 'post', path: '/replay', status: 202, refusals },
    ...{ given: one.extend({ from: z.iso.datetime() }), answer: z.object({ catalog, batches: z.int() }) },
    summary: 'Loads batches once more that were staged since a time',
  }),
  removeSource: order({
    ...{ method: 'post', path: '/sources/remove', status: 202, refusals: changing },
    given: one.extend({ source: z.string().min(1).max(4096).meta({ description: 'Id or spec.' }) }),
    summary: 'Removes everything of a source that is staged by now',
  }),
  touch: order({
    ...{ method: 'post', path: '/touch', status: 202, refusals },
    given: one.extend({ entityType: z.string(), entityId: z.string() }),
    summary: 'Recomputes a document',
  }),
};
