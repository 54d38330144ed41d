import { LazuliError } from '../../config/errors.ts';
import { actionOf, bodyOf, itemsOf } from '../../transform/sink/body.ts';
import type { ClusterAnswer, SearchCluster } from '../../transform/sink/search-cluster.ts';
import type { Life } from './life.ts';

/** What goes wrong with a request to OpenSearch, or with the items of a bulk request. */
export type SearchFault =
  | { readonly kind: 'answered'; readonly status: number }
  | { readonly kind: 'cut'; readonly when: 'before' | 'after' }
  /** every second item fails so, and is never seen by the server; with 400 it is rejected for good */
  | { readonly kind: 'items'; readonly status: number };

interface BulkAnswer {
  readonly errors: boolean;
  readonly items: { readonly index: { readonly status: number; readonly error?: object } }[];
}

/** OpenSearch with faults, which notes what was written as which version. */
export class SimulatedSearch {
  readonly #cluster: SearchCluster;
  /** each is for one request: for a bulk request, or for any other one */
  readonly faults: { readonly of: 'bulk' | 'search'; readonly fault: SearchFault }[] = [];
  /** of documents that were rejected for good on purpose, `<alias>/<id>` */
  readonly rejected = new Set<string>();
  /** what must not happen, in words */
  readonly complaints: string[] = [];
  /** the last version that was accepted, by alias and id */
  readonly #versions = new Map<string, number>();

  constructor(cluster: SearchCluster) {
    this.#cluster = cluster;
  }

  /** As a process sees it. */
  seenBy(life: Life): SearchCluster {
    return {
      request: (method, path, body, query) => {
        const of = path === '/_bulk' ? 'bulk' : 'search';
        return life.reach(of, () => this.#faulty(of, [method, path, body, query]));
      },
      close: async () => undefined,
    };
  }

  async #faulty(of: 'bulk' | 'search', request: Parameters<SearchCluster['request']>): Promise<ClusterAnswer> {
    const fault = this.faults[0]?.of === of ? this.faults.shift()?.fault : undefined;
    switch (fault?.kind) {
      case 'answered':
        return { status: fault.status, body: { error: { reason: 'injected' }, status: fault.status } };
      case 'cut':
        if (fault.when === 'after') await this.#send(request);
        throw new LazuliError('unavailable', 'injected: the connection was cut');
      case 'items':
        return of === 'bulk' ? this.#failItems(request, fault.status) : this.#send(request);
      default:
        return this.#send(request);
    }
  }

  async #send([method, path, body, query]: Parameters<SearchCluster['request']>): Promise<ClusterAnswer> {
    const answer = await this.#cluster.request(method, path, body, query);
    if (path === '/_bulk' && answer.status === 200) this.#note(body as Buffer, answer.body as BulkAnswer);
    return answer;
  }

  async #failItems([method, path, body, query]: Parameters<SearchCluster['request']>, status: number) {
    const items = parts(body as Buffer);
    const passed = items.filter((_, i) => i % 2 === 1);
    const sent = bodyOf(passed).bytes;
    const answer: ClusterAnswer =
      passed.length === 0
        ? { status: 200, body: { errors: false, items: [] } }
        : await this.#send([method, path, sent as Buffer, query]);
    if (answer.status !== 200) return answer;
    const answered = [...(answer.body as BulkAnswer).items];
    const failed = { index: { status, error: { type: 'injected', reason: 'injected' } } };
    const all = items.map((item, i) => {
      if (i % 2 === 1) return answered.shift() ?? failed;
      if (status === 400) this.rejected.add(keyOf(item));
      return failed;
    });
    return { status: 200, body: { errors: true, items: all } };
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

const lineFeed = 10;

function parts(body: Buffer): readonly Uint8Array[] {
  return itemsOf({ bytes: body, items: body.filter((byte) => byte === lineFeed).length / 2 });
}

function keyOf(item: Uint8Array): string {
  const { _index, _id } = actionOf(item);
  return `${_index}/${_id}`;
}
