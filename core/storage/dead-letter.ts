import { createHash } from 'node:crypto';
import { z } from 'zod';
import { bounded } from '../config/bounded.ts';
import { type ErrorPlace, LazuliError } from '../config/errors.ts';

const place = z.strictObject({
  bundle: z.string().optional(),
  entity: z.string().optional(),
  field: z.string().optional(),
});

/** A version of a bundle, by the id of its source. */
const lostBundle = z.strictObject({ source: z.string(), uuid: z.string(), version: z.string() });
export type LostBundle = z.output<typeof lostBundle>;

/**
 * Work that couldn't be done, with everything that a person needs to fix and redrive it.
 *
 * `stage` gave it up; `kind` says what `payload` is: the notification, the pointer of the batch, or the
 * reference of the document as JSON. `reason` is a code of the error catalogue, or `unexpected`. `first`
 * and `last` are when it failed (RFC 3339), `attempts` how often it did.
 */
export const deadLetterSchema = z.strictObject({
  key: z.string(),
  /** null where it isn't known, because the record couldn't be read */
  catalog: z.string().nullable(),
  stage: z.enum(['ingest', 'transform']),
  kind: z.enum(['notification', 'batch', 'document']),
  reason: z.string(),
  message: z.string(),
  remedy: z.string().optional(),
  place,
  stack: z.string(),
  attempts: z.int().min(1),
  first: z.string(),
  last: z.string(),
  payload: z.unknown(),
  /** what was staged, and was given up when it was staged again: no document has it any more */
  lost: lostBundle.optional(),
});
export type DeadLetter = z.output<typeof deadLetterSchema>;

/** A letter that is to be put. `identity` tells it from others of its catalog, stage and kind. */
export type NewDeadLetter = Omit<DeadLetter, 'key' | 'attempts' | 'first' | 'last'> & { readonly identity: string };

/** Longer stacks are cut: their message can quote what a bundle holds. */
const maxText = 16 * 2 ** 10;

/** The letter about work that met an error. What the error knows of the place goes before what the caller knows. */
export function deadLetter(
  error: unknown,
  about: Pick<NewDeadLetter, 'catalog' | 'stage' | 'kind' | 'identity' | 'payload'> & { readonly place?: ErrorPlace },
): NewDeadLetter {
  const known = error instanceof LazuliError ? error : undefined;
  const { bundle, entity, field } = { ...about.place, ...known?.place };
  return {
    ...about,
    reason: known?.code ?? 'unexpected',
    message: bounded(error instanceof Error ? error.message : String(error)),
    ...(known?.remedy === undefined ? {} : { remedy: known.remedy }),
    place: {
      ...(bundle === undefined ? {} : { bundle }),
      ...(entity === undefined ? {} : { entity }),
      ...(field === undefined ? {} : { field }),
    },
    stack: cut(stackOf(error)),
  };
}

/**
 * `<catalog>/<kind>/<hash>`: the same work always gets the same key, so that a repetition adds no letter.
 * An unknown catalog is `_`.
 */
export function deadLetterKey({
  catalog,
  stage,
  kind,
  identity,
}: Pick<NewDeadLetter, 'catalog' | 'stage' | 'kind' | 'identity'>): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([catalog, stage, kind, identity]))
    .digest('hex');
  return `${catalog ?? '_'}/${kind}/${hash.slice(0, 32)}`;
}

/** What its key says of a letter, also of one that can't be read. */
export interface LetterKey extends Pick<DeadLetter, 'catalog' | 'stage'> {
  readonly kind: string;
}

/** @returns null where it is no letter's */
export function parseLetterKey(key: string): LetterKey | null {
  const [catalog = '', kind = '', ...rest] = key.split('/');
  if (rest.length !== 1) return null;
  const stage = kind === 'notification' ? 'ingest' : 'transform';
  return { catalog: catalog === '_' ? null : catalog, kind, stage };
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const stack = error.stack ?? '';
  return error.cause === undefined ? stack : `${stack}\nCaused by: ${stackOf(error.cause) || String(error.cause)}`;
}

function cut(text: string): string {
  return text.length <= maxText ? text : `${text.slice(0, maxText)}… (${text.length - maxText} more characters)`;
}
