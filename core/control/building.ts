import { z } from 'zod';
import type { Shown } from '../http/operation.ts';
import { nothing, question } from './declaration.ts';

const key = z.string().min(1).max(1024);
const sha256 = z.string().regex(/^[\da-f]{64}$/);
const number = z.int().nonnegative();
const builder = z
  .string()
  .regex(/^[\w.-]{1,100}$/)
  .meta({ description: 'Name of the builder that asks.' });

/** Buckets that a builder has at a time. */
export const mostHeld = 4;

/** Which bucket of which build. That of another epoch, generation or copy of the store is another one. */
export const bucketRefSchema = z
  .strictObject({
    catalog: z.string().max(100).meta({ description: 'Name of a catalog.' }),
    epoch: number.meta({ description: 'Of the owner of the catalog.' }),
    generation: z.int().positive(),
    commit: number.meta({ description: 'Of the copy of the store; gives documents their version.' }),
    bucket: number,
  })
  .meta({ id: 'BucketRef' });
export type BucketRef = Shown<z.output<typeof bucketRefSchema>>;

/** What a builder needs to know of a bucket to build it. */
const bucketItemSchema = z
  .strictObject({
    of: bucketRefSchema,
    bundles: z.strictObject({ low: z.int(), high: z.int() }).meta({ description: 'Keys of all that it reads.' }),
    copy: key.meta({ description: 'Key of the copy of the store from which it is computed.' }),
    layouts: z
      .strictObject({ store: z.string().max(200), documents: z.string().max(200) })
      .meta({ description: 'Of store and documents: another version of Lazuli or of a plug-in has others.' }),
  })
  .meta({ id: 'BucketItem' });
export type BucketItem = Shown<z.output<typeof bucketItemSchema>>;

const rowsSchema = z.strictObject({
  entityType: number.max(127),
  key,
  rows: z.int().positive(),
  bytes: z.int().positive(),
  sha256,
  hashes: z.string().regex(/^\d{1,30}$/),
});

/** What a builder has made of a bucket, beside the documents in the search cluster: objects beside the staged batches. */
export const builtBucketSchema = z
  .strictObject({
    hashes: z
      .strictObject({ key, bytes: z.int().positive(), sha256 })
      .meta({ description: 'Parquet: entity type, id and hash of each document.' }),
    rows: z.array(rowsSchema).max(100).readonly().meta({ description: 'Files of rows of documents, for a snapshot.' }),
  })
  .meta({ id: 'BuiltBucket' });
export type BuiltBucket = Shown<z.output<typeof builtBucketSchema>>;

const failure = z.string().max(2000);

/** What a builder says of a bucket that it has had. Where it neither built it nor failed, it gives it back. */
const reportSchema = z.strictObject({
  builder,
  of: bucketRefSchema,
  built: builtBucketSchema.nullable(),
  failure: failure.nullable().meta({ description: 'Why it can not be built.' }),
});
export type BucketReport = Shown<z.output<typeof reportSchema>>;

/** Who works on a build, as its owner shows it. */
export const handedOutSchema = z.object({
  wanted: z.int().meta({ description: 'Builders that the run asks for; 0: the owner builds alone.' }),
  working: z
    .array(z.object({ builder: z.string(), buckets: z.int() }))
    .meta({ description: 'Those that have buckets, and how many.' }),
  left: z.int().meta({ description: 'Buckets that nobody has yet.' }),
});
export type HandedOut = Shown<z.output<typeof handedOutSchema>>;

const asksSchema = z.strictObject({
  builder,
  held: z
    .array(bucketRefSchema)
    .max(mostHeld)
    .readonly()
    .meta({ description: 'Those that it works on; so they stay its own.' }),
  wants: z.boolean().meta({ description: 'Whether it takes another one.' }),
  except: z
    .array(z.string().max(100))
    .max(10_000)
    .readonly()
    .meta({ description: 'Catalogs for which it can build nothing.' }),
});
export type BuilderAsks = Shown<z.output<typeof asksSchema>>;

/** What builders ask the owners of catalogs, and tell them. */
export const buildingControl = {
  builders: question({
    ...{ method: 'get', path: '/builders', given: nothing },
    answer: z.object({ wanted: z.int().nonnegative() }),
    summary: 'How many builders the builds that go on want',
  }),
  takeBucket: question({
    ...{ method: 'post', path: '/buckets/take', given: asksSchema },
    answer: z.object({ item: bucketItemSchema.nullable(), lost: z.array(bucketRefSchema) }),
    summary: 'Takes a bucket of a build, if there is one, and keeps those that the builder has',
    description: '`lost` are those among `held` that are not to be built any more. Ask every few seconds.',
  }),
  reportBucket: question({
    ...{ method: 'post', path: '/buckets/report', given: reportSchema, long: true },
    ...{ answer: z.object({ of: bucketRefSchema }), refusals: ['conflict', 'not_found', 'unavailable'] },
    summary: 'Says what became of a bucket: once it answers, the owner has noted it',
  }),
};
