import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { expect } from 'chai';
import { type OpenSearch, startOpenSearch } from '../../cli/engines/opensearch.ts';
import { until } from '../rigs/until.ts';
import { Pipeline } from './pipeline.ts';
import { partsOf, temporaryFolder } from './world.ts';

const isLong = process.env.LAZULI_TEST_LONG === '1';
const outageMillis = 20_000;

/** A server of this test alone, in a folder that outlives it. */
function startOwn(folder: string, cluster: string): Promise<OpenSearch> {
  const log = join(folder, 'opensearch.log');
  return startOpenSearch({
    folder,
    log,
    cluster,
    heap: 384,
    say: (line) => console.log(line),
    started: (child) => process.prependOnceListener('exit', () => child.kill()),
  });
}

describe('An OpenSearch that is killed while documents are written', () => {
  it('and started again 20 s later has all of them in the end', async function () {
    if (!isLong) {
      console.log(
        '      skipped: only at full size (npm run test:long); the same by proxy is in search-outage.test.ts',
      );
      this.skip();
    }
    this.timeout(240_000);
    const folder = temporaryFolder('opensearch');
    const cluster = `faults-${randomBytes(6).toString('hex')}`;
    await using servers = new AsyncDisposableStack();
    const first = await startOwn(folder, cluster);
    servers.defer(() => first.child.stop().then(() => {}));
    await using pipeline = await Pipeline.open({ opensearch: first.url });
    const [before = [], after = []] = partsOf(pipeline.world.notifications, 2);
    await pipeline.start();
    await pipeline.notify(before);
    await pipeline.settled();
    const updates = pipeline.search.add({ path: '/_bulk', fault: { kind: 'delay', millis: 200 } });
    await pipeline.notify(after);
    await until(() => updates() > 0);
    first.child.kill();
    await first.child.exited;
    const since = Date.now();
    expect(await pipeline.paused()).to.not.equal('');
    await until(() => Date.now() - since >= outageMillis, outageMillis + 5_000);
    const second = await startOwn(folder, cluster);
    servers.defer(() => second.child.stop().then(() => {}));
    pipeline.moved(second.url);
    await pipeline.expectClean(90_000);
  });
});
