import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { type CountBacklog, pipelineChecks } from '../../http/pipeline-health.ts';

const counted =
  (records: number, complete = true): CountBacklog =>
  async () => ({ records, complete });
const broken: CountBacklog = async () => {
  throw new Error('out of order');
};

describe('the health of the pipeline', () => {
  let url: string;
  const server = createServer((_request, response) =>
    response.end(
      JSON.stringify({
        catalogs: { a: { outbox: 5, batches: { staged: 9, stored: 7 } }, b: { state: 'opening' } },
      }),
    ),
  );
  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.close();
    server.closeAllConnections();
  });

  const checks = (notifications: CountBacklog, batches: CountBacklog, transformStatus = url) =>
    pipelineChecks({
      notifications: ['n', notifications],
      batches: ['b', batches],
      transformStatus: [transformStatus],
    });
  const ask = (name: 'queues' | 'progress', given: ReturnType<typeof checks>) => given[name]?.();

  it('tells how much of each stream waits', async () => {
    expect(await ask('queues', checks(counted(3), counted(0)))).to.deep.equal({
      up: true,
      n: { up: true, messages: { delayed: 0, invisible: 0, queued: 3 } },
      b: { up: true, messages: { delayed: 0, invisible: 0, queued: 0 } },
    });
    expect(await ask('queues', checks(counted(3), broken))).to.deep.equal({
      up: false,
      n: { up: true, messages: { delayed: 0, invisible: 0, queued: 3 } },
      b: { up: false, error: 'out of order' },
    });
  });

  it('tells what was acknowledged and is not searchable yet', async () => {
    const progress = (bundles: number, documents: number) => ({
      up: true,
      unindexed_bundles: bundles,
      unindexed_documents: documents,
    });
    expect(await ask('progress', checks(counted(4), counted(1)))).to.deep.equal(progress(4, 7));
    expect(await ask('progress', checks(counted(4), counted(6)))).to.deep.equal(progress(4, 11));
    expect(await ask('progress', checks(counted(4, false), counted(0)))).to.deep.equal({
      ...progress(4, 7),
      at_least: true,
    });
  });

  it('tells what the streams say while the transform worker does not answer', async () => {
    const { error, ...progress } = (await ask('progress', checks(counted(4), counted(6), 'http://127.0.0.1:1'))) ?? {};
    expect(progress).to.deep.equal({ up: true, unindexed_bundles: 4, unindexed_documents: 6 });
    expect(error).to.match(/not counted.*does not answer/);
  });
});
