import { z } from 'zod';
import { readingsSchema, restagedSourceSchema, restrictionSchema } from './restaging.ts';

/** How far a run is with the documents of a source; one of several sources counts for each. */
const sourceSchema = z.strictObject({
  source: z.string(),
  expected: z.int(),
  computed: z.int(),
  written: z.int(),
  /** compared with the store, at the end and all at once */
  verified: z.int(),
});

/** More would wait for the owner, which notes each bucket. */
export const mostBuilders = 64;

/** What a run may be begun with. */
export const runOptionsSchema = restrictionSchema.extend({
  from: z.enum(['staged', 'repository']).default('staged').meta({
    description: 'repository: everything that it lists is fetched and staged, and replaces what was staged before.',
  }),
  changed: z.boolean().default(false).meta({
    description:
      'From the repository: of its sources only those are read of which no run has staged everything; what is staged of sources that it lacks goes.',
  }),
  builders: z.int().min(0).max(mostBuilders).default(0).meta({
    description: 'Builders that are to build the generation; 0: the owner of the catalog builds it alone.',
  }),
});
export type RunOptions = z.output<typeof runOptionsSchema>;

/** Everything, from what is staged. */
export const everything: RunOptions = { from: 'staged', source: null, prefix: '', changed: false, builders: 0 };

/** How far staging from the repository is. */
const runRestagingSchema = z.strictObject({
  /** why it doesn't go on; null where it does */
  problem: z.string().nullable(),
  /** the first thousand */
  sources: z.array(restagedSourceSchema),
  /** what the repository reads at present that takes long, such as tables of a snapshot */
  reading: readingsSchema.default([]),
  /** bundles that were given up, by reason; they stay as they are */
  failures: z.record(z.string(), z.int()),
  /** bundles that count, and those among them that the repository doesn't list any more; null before that is compared */
  vanished: z.strictObject({ before: z.int(), vanished: z.int() }).nullable(),
});
export type RunRestaging = z.output<typeof runRestagingSchema>;

/** A run, as operators see it. Times are RFC 3339. */
export const runSchema = z
  .strictObject({
    /** in the order of time */
    id: z.string().regex(/^[\dTZ]+-[\da-f]{6}$/),
    catalog: z.string(),
    /** who started it: an operator, or a worker that found no generation to go on with; `repair` recomputes and builds none */
    kind: z.enum(['reindex', 'take-over', 'repair']),
    ...runOptionsSchema.shape,
    /** what it does, or did last; `replacing` makes count what was staged */
    phase: z.enum(['listing', 'staging', 'replacing', 'building', 'verifying', 'repairing']).default('building'),
    state: z.enum(['running', 'succeeded', 'failed', 'cancelled', 'unconfirmed']),
    /** the one that is, or was, built or recomputed; null before that */
    generation: z.int().positive().nullable(),
    /** how often it was begun, or continued after its worker had ended */
    attempts: z.int().positive(),
    started: z.iso.datetime(),
    ended: z.iso.datetime().nullable(),
    /** null where nothing is staged for the run */
    restaging: runRestagingSchema.nullable().default(null),
    documents: z.strictObject({ expected: z.int(), done: z.int() }),
    /** the first thousand */
    sources: z.array(sourceSchema).default([]),
    /** documents a second since it was begun or resumed; null where that isn't known yet */
    rate: z.number().nullable().default(null),
    /** when all will be written; null where that isn't known, and when it has ended */
    eta: z.iso.datetime().nullable().default(null),
    /** dead letters by reason: what transform gave up since the run began, and what was staged and is lost, whenever that was */
    failures: z.record(z.string(), z.int()).default({}),
    /** documents that the generation before showed and this one lacks; null before it is verified */
    vanished: z
      .array(z.strictObject({ entityType: z.string(), before: z.int(), vanished: z.int(), lost: z.int() }))
      .nullable()
      .default(null),
    /** whether an operator has said that they may vanish */
    acceptsVanished: z.boolean().default(false),
    /** why it failed, or what it waits for */
    failure: z.string().nullable(),
  })
  .meta({ id: 'Run' });
export type Run = z.output<typeof runSchema>;
