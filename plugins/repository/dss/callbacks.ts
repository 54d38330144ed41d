import { z } from 'zod';
import { LazuliError } from '../../../core/config/errors.ts';
import { uuidSchema } from '../../../core/config/identities.ts';
import { shownIssues } from '../../../core/config/issues.ts';
import type {
  Callbacks,
  ChangeAction,
  ReportedChange,
  SubscriptionChange,
  WantedCallbacks,
} from '../../../core/model/callbacks.ts';
import type { Clock } from '../../../core/runtime/ports.ts';
import type { StoreSource } from './spec.ts';
import { type Authorize, Store } from './store.ts';
import { comparedSubscriptions } from './subscriptions.ts';
import { withColons } from './versions.ts';

export interface CallbackParts {
  readonly sources: readonly StoreSource[];
  readonly replica: string;
  readonly requestsAtOnce: number;
  readonly authorize?: Authorize | undefined;
  readonly clock: Clock;
}

/** Callbacks of the data stores of a catalog, and the subscriptions that cause them. */
export class StoreCallbacks implements Callbacks {
  readonly #parts: CallbackParts;

  constructor(parts: CallbackParts) {
    this.#parts = parts;
  }

  changeOf(body: Readonly<Record<string, unknown>>, said: ChangeAction): ReportedChange | null {
    return changeIn(body, said, this.#parts.sources);
  }

  async subscriptions(wanted: WantedCallbacks, signal: AbortSignal): Promise<readonly SubscriptionChange[]> {
    const { sources: all, replica, requestsAtOnce: atOnce, authorize, clock } = this.#parts;
    if (authorize === undefined) throw nobody();
    const changes: SubscriptionChange[] = [];
    for (const url of new Set(all.map((source) => source.url))) {
      const store = new Store({ url, clock, atOnce, authorize });
      const sources = all.filter((source) => source.url === url);
      changes.push(...(await comparedSubscriptions({ store, replica, sources }, wanted, signal)));
    }
    return changes;
  }
}

const nobody = (): LazuliError =>
  new LazuliError('configuration_invalid', 'Nobody can subscribe: no service account is known.', {
    remedy: 'Name its key file in GOOGLE_APPLICATION_CREDENTIALS, or as `credentials` of the plug-in.',
  });

/** What counts in the payload of a callback, of either kind of subscriptions (specification, dss 4.1). */
const payloadSchema = z.looseObject({
  match: z.looseObject({
    bundle_uuid: uuidSchema,
    bundle_version: z.string().transform((version, issues) => {
      const known = withColons(version);
      if (known !== null) return known;
      issues.addIssue('must be a version of a data store, such as 2018-10-18T150431.370880Z');
      return z.NEVER;
    }),
  }),
  /** of the JMESPath kind */
  event_type: z.enum(['CREATE', 'TOMBSTONE', 'DELETE']).optional(),
  dss_api: z.string().optional(),
});
type Payload = z.output<typeof payloadSchema>;

const actions = { CREATE: 'add', TOMBSTONE: 'delete', DELETE: 'delete' } as const;

/**
 * What a callback says. Those of the Elasticsearch kind leave it to their URL whether a bundle was added or deleted; those
 * of the JMESPath kind say so, and are signed with it.
 *
 * @returns null for a bundle of no source
 * @throws LazuliError `bad_request`
 */
function changeIn(
  body: Readonly<Record<string, unknown>>,
  said: ChangeAction,
  sources: readonly StoreSource[],
): ReportedChange | null {
  const { data, error } = payloadSchema.safeParse(body);
  if (data === undefined) throw new LazuliError('bad_request', `The callback is malformed: ${shownIssues(error)}`);
  const { bundle_uuid: uuid, bundle_version: version } = data.match;
  const source = sourceOf(data, sources);
  if (source === null) return null;
  const action = data.event_type === undefined ? said : actions[data.event_type];
  return { action, fqid: { source: source.ref, uuid, version } };
}

/** Where several sources begin alike, the store has to say which one it is. */
function sourceOf({ match, dss_api: api }: Payload, sources: readonly StoreSource[]): StoreSource | null {
  const fitting = sources.filter(({ common }) => match.bundle_uuid.startsWith(common));
  if (fitting.length <= 1) return fitting[0] ?? null;
  const origin = api === undefined ? undefined : URL.parse(api)?.origin;
  const named = fitting.filter(({ url }) => new URL(url).origin === origin);
  if (origin !== undefined && named.length <= 1) return named[0] ?? null;
  throw new LazuliError('bad_request', `The bundle may be of ${fitting.length} sources, and the callback names none.`, {
    remedy: 'Make a catalog of each data store.',
  });
}
