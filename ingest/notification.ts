import { z } from 'zod';
import { LazuliError } from '../core/config/errors.ts';
import { sourceRefSchema, versionSchema } from '../core/config/identities.ts';
import { shownIssues } from '../core/config/issues.ts';
import { parsedJson } from '../core/config/text.ts';
import { type Action, actions } from '../core/staged/layout.ts';

/**
 * A record of the stream `notifications`, partitioned by bundle uuid: JSON as the specification
 * (indexing 4.4) has it, plus a number. Members of the notification that nobody
 * inspects are forwarded as they came.
 */
const recordSchema = z.object({
  action: z.enum(actions),
  catalog: z.string().min(1),
  /** see `Undeletions` */
  number: z.int().min(0).max(0x7fffffff),
  notification: z.looseObject({
    bundle_fqid: z.looseObject({
      uuid: z.string().min(1).max(36),
      version: versionSchema,
      source: sourceRefSchema,
    }),
  }),
});

/** What the endpoint puts: `source` may still be missing or malformed (specification, indexing 4.1). */
export interface NotificationRecord {
  readonly action: Action;
  readonly catalog: string;
  readonly number: number;
  readonly notification: {
    readonly bundle_fqid: { readonly uuid: string; readonly version: string; readonly [extra: string]: unknown };
    readonly [extra: string]: unknown;
  };
}

/** A record that was decoded and checked. */
export type Notification = z.output<typeof recordSchema>;

/** The data of a record. */
export function encodeNotification(record: NotificationRecord): Uint8Array {
  return Buffer.from(JSON.stringify(record), 'utf8');
}

/** @throws LazuliError `record_malformed`, naming every member that is wrong */
export function decodeNotification(data: Uint8Array): Notification {
  let input: unknown;
  try {
    input = parsedJson(data);
  } catch (cause) {
    throw malformed('The record is no JSON', cause);
  }
  const result = recordSchema.safeParse(input);
  if (!result.success) throw malformed(shownIssues(result.error), result.error);
  return result.data;
}

function malformed(message: string, cause: unknown): LazuliError {
  return new LazuliError('record_malformed', `Not a notification: ${message}`, {
    remedy: 'Notify again with `lazuli bundle add|delete`, which names the source, and drop this one.',
    cause,
  });
}
