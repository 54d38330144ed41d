import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { healthOf } from '../../http/health.ts';
import { progressCheck } from '../../query/progress.ts';

describe('progress', () => {
  it('adds up what the workers say', async () => {
    const statuses: Record<string, unknown> = {
      '/ingest/status': { paused: null, shards: [{ pending: 2 }, { pending: 3 }] },
      '/transform/status': {
        catalogs: { a: { outbox: 5, batches: { staged: 9, stored: 7 } }, b: { state: 'opening' } },
      },
    };
    const server = createServer(({ url }, response) => response.end(JSON.stringify(statuses[url ?? ''])));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const progress = progressCheck(`${url}/ingest`, `${url}/transform`);
    expect(await progress()).to.deep.equal({ up: true, unindexed_bundles: 5, unindexed_documents: 7 });
    server.close();
    server.closeAllConnections();
    const { progress: down } = (await healthOf({ progress })) as unknown as {
      progress: { up: boolean; error: string };
    };
    expect(down.up).to.equal(false);
    expect(down.error).to.match(/does not answer/);
  });
});
