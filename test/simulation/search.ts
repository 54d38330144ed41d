import { LazuliError } from '../../core/config/errors.ts';
import type { Clock } from '../../core/runtime/ports.ts';
import { actionOf, bodyOf, itemsOf, sourceOf } from '../../transform/sink/body.ts';
import type { ClusterAnswer, SearchCluster } from '../../transform/sink/search-cluster.ts';
import type { Life } from './life.ts';

/** What goes wrong with a request to OpenSearch, or with the items of a bulk request. */
export type SearchFault =
  | { readonly kind: 'answered'; readonly status: number }
  | { readonly kind: 'cut'; readonly when: 'before' | 'after' }
  /** it is done, or not, and no answer comes before whoever asks gives up */
  | { readonly kind: 'stalled'; readonly when: 'before' | 'after' }
  /** it is done, or not, and the answer has status 200, but says something else */
  | { readonly kind: 'untrue'; readonly when: 'before' | 'after'; readonly how: Untrue }
  /** every second item fails so, and is never seen by the server; with 400 it is rejected for good */
  | { readonly kind: 'items'; readonly status: number };

/** No JSON, nothing at all, or only a part of what was asked for. */
export const untruths = ['a page', 'nothing', 'a part'] as const;
export type Untrue = (typeof untruths)[number];

/** What is asked: documents to be written, another generation to serve, or anything else. */
export const requestKinds = ['bulk', 'swap', 'search'] as const;
export type RequestKind = (typeof requestKinds)[number];

/** Milliseconds after which a process gives a request up. */
const patience = 60_000;

interface BulkAnswer {
  readonly items: { readonly index: { readonly _id: string; readonly status: number; readonly error?: object } }[];
}

/** Whether a document is lost. */
export type Loses = (source: Readonly<Record<string, unknown>>) => boolean;

type Request = Parameters<SearchCluster['request']>;
/** What may be said of any request that isn't done, as far as it is said at all. */
const undone: ClusterAnswer = {
  status: 200,
  body: { items: [], docs: [], acknowledged: false, _shards: { total: 1, successful: 0, failed: 1 } },
};
const nothing: ClusterAnswer = { status: 200, body: { items: [] } };

/** OpenSearch with faults, which notes what was written as which version. */
export class SimulatedSearch {
  readonly #cluster: SearchCluster;
  /** each is for the next request of its kind */
  readonly faults: { readonly of: RequestKind; readonly fault: SearchFault }[] = [];
  /** requests of which some documents were rejected for good */
  rejections = 0;
  /** what must not happen, in words */
  readonly complaints: string[] = [];
  /** the last version that was accepted, by alias and id */
  readonly #versions = new Map<string, number>();

  readonly #loses: Loses | null;

  /** @param loses documents that never arrive, though they are acknowledged: what must be found */
  constructor(cluster: SearchCluster, loses: Loses | null) {
    this.#cluster = cluster;
    this.#loses = loses;
  }

  /** As a process sees it. @param clock of the process */
  seenBy(life: Life, clock: Clock): SearchCluster {
    return {
      request: async (method, path, body, query) => {
        const of = kindOf(method, path);
        const place = of === 'bulk' ? 'bulk' : 'search';
        const fault = this.#nextFault(of);
        const request: Request = [method, path, body, query];
        if (fault?.kind !== 'stalled') return life.reach(place, () => this.#faulty(of, request, fault));
        if (fault.when === 'after') await life.reach(place, () => this.#send(request));
        await clock.sleep(patience);
        throw new LazuliError('unavailable', 'injected: no answer came');
      },
      close: async () => undefined,
    };
  }

  #nextFault(of: RequestKind): SearchFault | undefined {
    const next = this.faults.findIndex((one) => one.of === of);
    return next < 0 ? undefined : this.faults.splice(next, 1)[0]?.fault;
  }

  async #faulty(
    of: RequestKind,
    request: Request,
    fault: Exclude<SearchFault, { kind: 'stalled' }> | undefined,
  ): Promise<ClusterAnswer> {
    switch (fault?.kind) {
      case 'answered':
        return { status: fault.status, body: { error: { reason: 'injected' }, status: fault.status } };
      case 'cut':
        if (fault.when === 'after') await this.#send(request);
        throw new LazuliError('unavailable', 'injected: the connection was cut');
      case 'untrue':
        return untrue(fault.when === 'after' ? await this.#send(request) : undone, fault.how);
      case 'items':
        return of === 'bulk' ? this.#failItems(request, fault.status) : this.#send(request);
      default:
        return this.#send(request);
    }
  }

  async #send(request: Request): Promise<ClusterAnswer> {
    const loses = this.#loses;
    if (request[1] !== '/_bulk' || loses === null) return this.#pass(request);
    return this.#leaveOut(
      request,
      (item) => (loses(sourceOf(item)) ? { index: { _id: actionOf(item)._id, status: 200 } } : null),
      this.#pass,
    );
  }

  readonly #pass = async ([method, path, body, query]: Request): Promise<ClusterAnswer> => {
    const answer = await this.#cluster.request(method, path, body, query);
    if (path === '/_bulk' && answer.status === 200) this.#note(body as Buffer, answer.body as BulkAnswer);
    return answer;
  };

  #failItems(request: Request, status: number): Promise<ClusterAnswer> {
    const error = { type: 'injected', reason: 'injected' };
    if (status === 400) this.rejections++;
    return this.#leaveOut(
      request,
      (item, i) => (i % 2 === 0 ? { index: { _id: actionOf(item)._id, status, error } } : null),
      (rest) => this.#send(rest),
    );
  }

  /** Of a bulk request the items for which there is an answer never arrive. */
  async #leaveOut(
    [method, path, body, query]: Request,
    answerTo: (item: Uint8Array, i: number) => BulkAnswer['items'][number] | null,
    send: (request: Request) => Promise<ClusterAnswer>,
  ): Promise<ClusterAnswer> {
    const items = parts(body as Buffer);
    const made = items.map(answerTo);
    const rest = items.filter((_, i) => made[i] === null);
    const answer = rest.length === 0 ? nothing : await send([method, path, bodyOf(rest).bytes as Buffer, query]);
    if (answer.status !== 200) return answer;
    const answered = [...(answer.body as BulkAnswer).items];
    const all = made.map((one) => one ?? answered.shift());
    return { status: 200, body: { items: all } };
  }

  /** A version that is not later than one that was accepted before must not be accepted. */
  #note(body: Buffer, { items }: BulkAnswer): void {
    for (const [i, item] of parts(body).entries()) {
      if ((items[i]?.index.status ?? 500) >= 300) continue;
      const { version } = actionOf(item);
      const before = this.#versions.get(keyOf(item)) ?? 0;
      if (version <= before) this.complaints.push(`${keyOf(item)} went from version ${before} to ${version}`);
      this.#versions.set(keyOf(item), version);
    }
  }
}

function kindOf(method: string, path: string): RequestKind {
  if (path === '/_bulk') return 'bulk';
  return method === 'POST' && path === '/_aliases' ? 'swap' : 'search';
}

function untrue(answer: ClusterAnswer, how: Untrue): ClusterAnswer {
  if (answer.status !== 200) return answer;
  if (how === 'nothing') return { status: 200, body: '' };
  return { status: 200, body: how === 'a page' ? '<html>All is well.</html>' : partOf(answer.body) };
}

/** Of the kinds of answers that transform asks for, each without something that it needs. */
function partOf(body: unknown): unknown {
  const { items, docs, _shards, acknowledged, ...rest } = body as Readonly<Record<string, unknown>>;
  if (Array.isArray(items)) return { ...rest, items: items.slice(0, -1) };
  if (Array.isArray(docs)) return { ...rest, docs: docs.slice(0, -1) };
  if (acknowledged !== undefined) return { ...rest, acknowledged: false };
  if (_shards === undefined) return JSON.stringify(body).slice(0, -1);
  return { ...rest, _shards: { ...(_shards as object), failed: 1 } };
}

const lineFeed = 10;

function parts(body: Buffer): readonly Uint8Array[] {
  return itemsOf({ bytes: body, items: body.filter((byte) => byte === lineFeed).length / 2 });
}

function keyOf(item: Uint8Array): string {
  const { _index, _id } = actionOf(item);
  return `${_index}/${_id}`;
}
