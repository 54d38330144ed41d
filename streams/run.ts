import { z } from 'zod';

/** How far a run is with the documents of a source; one of several sources counts for each. */
const sourceSchema = z.strictObject({
  source: z.string(),
  expected: z.int(),
  computed: z.int(),
  written: z.int(),
  /** compared with the store, at the end and all at once */
  verified: z.int(),
});

/** A build of a generation, as operators see it. Times are RFC 3339. */
export const runSchema = z.strictObject({
  /** in the order of time */
  id: z.string().regex(/^[\dTZ]+-[\da-f]{6}$/),
  catalog: z.string(),
  /** who wanted it: an operator, or a worker that found no generation that it could go on with */
  kind: z.enum(['reindex', 'take-over']),
  state: z.enum(['running', 'succeeded', 'failed', 'cancelled', 'unconfirmed']),
  /** the one that is, or was, built */
  generation: z.int().positive(),
  /** how often it was begun, or gone on with after its worker had ended */
  attempts: z.int().positive(),
  started: z.iso.datetime(),
  ended: z.iso.datetime().nullable(),
  documents: z.strictObject({ expected: z.int(), done: z.int() }),
  /** the first thousand */
  sources: z.array(sourceSchema).default([]),
  /** documents a second since it was begun or gone on with; null where that can't be told yet */
  rate: z.number().nullable().default(null),
  /** when all will be written; null where that can't be told, and when it has ended */
  eta: z.iso.datetime().nullable().default(null),
  /** work of this stage that was given up since the run began: dead letters by reason */
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
});
export type Run = z.output<typeof runSchema>;
