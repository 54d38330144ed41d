import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { LazuliError } from '../../core/config/errors.ts';
import { writeAlias } from '../../core/documents/index-layout.ts';
import { systemClock } from '../../core/runtime/clock.ts';
import {
  createGeneration,
  dropGeneration,
  type GenerationsOf,
  listGenerations,
  refreshGeneration,
  swapGenerations,
} from '../../transform/generations/indices.ts';
import { Served } from '../../transform/generations/served.ts';
import type { BulkBody } from '../../transform/sink/body.ts';
import { versionOf } from '../../transform/sink/outcome.ts';
import { openSearchCluster } from '../../transform/sink/search-cluster.ts';
import { Sink } from '../../transform/sink/sink.ts';
import { mappingDifferences } from '../../transform/verification/mapping.ts';
import { engines } from '../rigs/engines.ts';
import { type Alteration, AlteringProxy } from '../rigs/http/altering-proxy.ts';
import { altered, type Body, instead, ofNobody, refused } from '../rigs/http/untrue.ts';
import { zoo } from '../rigs/models/zoo.ts';

/** Whatever was asked. */
const toAny: Readonly<Record<string, Alteration>> = {
  ...ofNobody,
  'is cut short': ({ status, text }) => ({ status, text: text.slice(0, text.length / 2) }),
  'tells of a block': refused(403, 'cluster_block_exception'),
  'tells of overload': refused(429, 'rejected_execution_exception'),
};
const unacknowledged = { 'is not acknowledged': altered((body) => Object.assign(body, { acknowledged: false })) };

interface Operation {
  readonly path: RegExp;
  readonly work: (of: GenerationsOf) => Promise<unknown>;
  readonly others?: Readonly<Record<string, Alteration>>;
}

const first = { number: 1, serves: false, indices: [] };

const operations: Readonly<Record<string, Operation>> = {
  'which indices there are': { path: /_resolve/, work: listGenerations },
  'of what layout one is': {
    path: /_mapping/,
    work: (of) => new Served(of).look(),
    others: {
      'is of another index': altered((body) => {
        for (const index of Object.keys(body)) {
          body.other = body[index];
          delete body[index];
        }
      }),
    },
  },
  'how a field is mapped': { path: /_mapping/, work: (of) => mappingDifferences(of, 1) },
  'how many nodes there are': { path: /_cluster/, work: (of) => createGeneration(of, 2) },
  'a new index': { path: /_g2$/, work: (of) => createGeneration(of, 2), others: unacknowledged },
  'another interval': { path: /_settings/, work: (of) => swapGenerations(of, null, 1), others: unacknowledged },
  'another one that serves': { path: /_aliases/, work: (of) => swapGenerations(of, null, 1), others: unacknowledged },
  'a refresh': {
    path: /_refresh/,
    work: (of) => refreshGeneration(of, 1),
    others: { 'tells of a shard that failed': altered((body) => Object.assign(body._shards, { failed: 1 })) },
  },
  'a deletion': {
    path: /_g9/,
    work: (of) => dropGeneration(of, { ...first, indices: [`lazuli_${of.deployment}_zoo_animals_g9`] }),
  },
};

const inItems = (alter: (items: Body[]) => void) => altered(({ items }) => alter(items));
const inDocs = (alter: (docs: Body[]) => void) => altered(({ docs }) => alter(docs));

const toBulks: Readonly<Record<string, Alteration>> = {
  ...toAny,
  'says that all is well, and no more': instead(200, '{"errors":false}'),
  'has fewer items than were sent': inItems((items) => items.pop()),
  'has more items than were sent': inItems((items) => items.push(items[0])),
  'has no items': inItems((items) => items.splice(0)),
  'has items in another order': inItems((items) => items.reverse()),
  'is about another document': inItems(([one]) => Object.assign(one.index, { _id: 'other' })),
  'has an item without a status': inItems(([one]) => delete one.index.status),
  'has a status that is none': inItems(([one]) => Object.assign(one.index, { status: 0 })),
  'has a failed item without an error': inItems(([one]) => Object.assign(one.index, { status: 400 })),
  'sends an item elsewhere': inItems(([one]) => Object.assign(one.index, { status: 302, error: { type: 'moved' } })),
};

const toLooks: Readonly<Record<string, Alteration>> = {
  ...toAny,
  'has fewer documents than were asked for': inDocs((docs) => docs.pop()),
  'has documents in another order': inDocs((docs) => docs.reverse()),
  'has documents without content': inDocs((docs) => docs.map((one) => Object.assign(one, { _source: {} }))),
  'has documents without a version': inDocs((docs) => docs.map((one) => delete one._version)),
  'can not tell of one': inDocs(([one]) => {
    delete one.found;
    Object.assign(one, { error: { type: 'unavailable_shards_exception' } });
  }),
};

describe('An answer of OpenSearch to the indexer that is none', () => {
  let proxy: AlteringProxy;
  let of: GenerationsOf;
  let alias: string;
  let url: string;
  beforeEach(async () => {
    proxy = new AlteringProxy(await engines.opensearch());
    url = await proxy.start();
    const deployment = `t${randomUUID().replaceAll('-', '').slice(0, 12)}`;
    of = { cluster: openSearchCluster(url), deployment, catalog: 'zoo', plugin: zoo };
    await createGeneration(of, 1);
    alias = writeAlias({ ...of, entityType: Object.keys(zoo.entityTypes)[0] ?? '', generation: 1 });
  });
  afterEach(async () => {
    proxy.clear();
    await of.cluster.request('DELETE', `/lazuli_${of.deployment}_*`);
    await of.cluster.close();
    await proxy[Symbol.asyncDispose]();
  });

  async function codeOf(work: Promise<unknown>): Promise<unknown> {
    const error = await work.then(
      () => 'it was believed',
      (thrown: unknown) => thrown,
    );
    return error instanceof LazuliError ? error.code : error;
  }

  for (const [asked, { path, work, others = {} }] of Object.entries(operations)) {
    it(`to a request for ${asked} is to be asked for again, and never believed`, async () => {
      if (asked === 'of what layout one is') await swapGenerations(of, null, 1);
      for (const [name, alter] of Object.entries({ ...toAny, ...others })) {
        proxy.alter(path, alter);
        expect(await codeOf(work(of)), name).to.equal('index_unavailable');
      }
    });
  }

  it('can be told from those that are', async () => {
    expect(await listGenerations({ ...of, catalog: 'none' })).to.deep.equal([]);
    await swapGenerations(of, null, 1);
    await refreshGeneration(of, 1);
    expect([await mappingDifferences(of, 1), (await listGenerations(of)).map(({ serves }) => serves)]).to.deep.equal([
      [],
      [true],
    ]);
  });

  function sink(cluster = of.cluster) {
    const pauses: string[] = [];
    const clock = {
      ...systemClock,
      sleep: async () => {
        proxy.clear();
      },
    };
    const options = { cluster, clock, backOff: () => 0, signal: new AbortController().signal };
    const onPause = (pause: { readonly reason: string } | null) => pauses.push(pause?.reason ?? 'going on');
    return { pauses, sink: new Sink({ ...options, onPause, onMissing: async () => {} }, 1) };
  }

  function body(version: number): BulkBody {
    const lines = ['a', 'b'].flatMap((_id) => [
      { index: { _index: alias, _id, version, version_type: 'external', require_alias: true } },
      { _deleted: true },
    ]);
    return { bytes: Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join('')), items: 2 };
  }

  async function versions(): Promise<unknown> {
    const docs = ['a', 'b'].map((_id) => ({ _index: alias, _id }));
    const answer = await of.cluster.request('POST', '/_mget', { docs });
    return (answer.body as Body).docs.map(({ _version }: Body) => _version);
  }

  it('to documents that are written is a pause, and they are sent again', async () => {
    let commit = 0;
    for (const [name, alter] of Object.entries(toBulks)) {
      const version = versionOf(1, ++commit);
      const { pauses, sink: one } = sink();
      proxy.alter(/_bulk/, alter);
      expect(await one.write(body(version), version), name).to.deep.equal([]);
      expect([pauses.length, pauses.at(-1)], name).to.deep.equal([2, 'going on']);
      expect(await versions(), name).to.deep.equal([version, version]);
    }
  });

  it('to documents that are stored already is a pause, and they are asked for again', async () => {
    const version = versionOf(1, 1);
    await sink().sink.write(body(version), version);
    for (const [name, alter] of Object.entries(toLooks)) {
      const { pauses, sink: one } = sink();
      proxy.alter(/_mget/, alter);
      expect(await one.write(body(version), version), name).to.deep.equal([]);
      expect([pauses.length, pauses.at(-1)], name).to.deep.equal([2, 'going on']);
    }
  });

  it('because it stalls is a pause, and not waited for longer than any', async () => {
    const impatient = openSearchCluster(url, 500);
    const { pauses, sink: one } = sink(impatient);
    const version = versionOf(1, 1);
    proxy.alter(/_bulk/, (answer) => ({ ...answer, stalls: true }));
    expect(await one.write(body(version), version)).to.deep.equal([]);
    expect([pauses[0]?.includes('No whole answer within 500 ms'), pauses.at(-1)]).to.deep.equal([true, 'going on']);
    await impatient.close();
  });
});
