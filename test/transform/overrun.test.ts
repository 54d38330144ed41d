import { expect } from 'chai';
import { systemClock } from '../../core/runtime/clock.ts';
import type { BulkBody } from '../../transform/sink/body.ts';
import type { ClusterAnswer, SearchCluster } from '../../transform/sink/search-cluster.ts';
import { Sink } from '../../transform/sink/sink.ts';
import { until } from '../rigs/until.ts';

const most = 8;
const ok = (items: number): ClusterAnswer => ({
  status: 200,
  body: { errors: false, items: Array.from({ length: items }, (_, i) => ({ index: { _id: String(i), status: 201 } })) },
});
const overrun = (items: number): ClusterAnswer => ({
  status: 200,
  body: {
    errors: true,
    items: Array.from({ length: items }, (_, i) => ({
      index: { _id: String(i), status: 429, error: { type: 'rejected', reason: 'full' } },
    })),
  },
});

function bodyOf(items: number): BulkBody {
  const lines = Array.from({ length: items }, (_, i) => {
    const action = {
      index: { _index: 'i', _id: String(i), version: 1, version_type: 'external', require_alias: true },
    };
    return `${JSON.stringify(action)}\n${JSON.stringify({ _hash: 'h' })}\n`;
  });
  return { bytes: Buffer.from(lines.join('')), items };
}

/** How many requests are in flight at a time after an answer has said that the cluster is overrun. */
async function inFlightAfter(refusal: ClusterAnswer, items: number): Promise<number> {
  const held: (() => void)[] = [];
  let refused = false;
  const request: SearchCluster['request'] = async (_, __, body) => {
    const sent = String(body).split('\n').length >> 1;
    if (refused) return new Promise((resolve) => held.push(() => resolve(ok(sent))));
    refused = true;
    return refusal;
  };
  const cluster: SearchCluster = { request, close: async () => {} };
  const sink = new Sink(
    {
      ...{ cluster, clock: systemClock, signal: new AbortController().signal, backOff: () => 0 },
      ...{ onPause: () => {}, onMissing: async () => {} },
    },
    most,
  );
  const first = sink.write(bodyOf(items), 1);
  await until(() => held.length === 1);
  const rest = Array.from({ length: 2 * most }, () => sink.write(bodyOf(1), 1));
  await until(() => held.length > 1);
  await new Promise((resolve) => setImmediate(resolve));
  const inFlight = held.length;
  const writes = Promise.all([first, ...rest]);
  let done = false;
  void writes.then(() => {
    done = true;
  });
  await until(() => {
    for (const release of held.splice(0)) release();
    return done;
  });
  return inFlight;
}

describe('A cluster that is overrun', () => {
  it('gets half as many requests at a time for each answer that says so, of however many items', async () => {
    for (const items of [1, 2, 200]) expect(await inFlightAfter(overrun(items), items)).to.equal(most / 2);
    expect(await inFlightAfter({ status: 429, body: 'full' }, 3)).to.equal(most / 2);
  });
});
