import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type OpenSearch, startOpenSearch } from '../../cli/engines/opensearch.ts';
import { herbarium, idOf, sheet } from '../rigs/models/herbarium.ts';
import { type Service, startService } from '../rigs/service/harness.ts';
import { until } from '../rigs/until.ts';

const paths = ['/index/sheets', `/index/sheets/${idOf(1)}`];

/** As `ps` says it; `T` is stopped. */
const stateOf = (pid: number): string =>
  spawnSync('ps', ['-o', 'state=', '-p', String(pid)], { encoding: 'utf8' }).stdout;

describe('The service, with an OpenSearch of its own', function () {
  this.timeout(240_000);
  const folder = mkdtempSync(join(tmpdir(), 'lazuli-search-'));
  let engine: OpenSearch;
  let service: Service;
  before(async () => {
    const log = join(folder, 'opensearch.log');
    const cluster = `lazuli-search-${process.pid}`;
    engine = await startOpenSearch({ folder, log, cluster, heap: 384, say: () => undefined });
    service = await startService({
      plugin: herbarium,
      documents: { sheets: [sheet(1, {})] },
      opensearchUrl: engine.url,
    });
  });
  after(async () => {
    await engine.child.stop();
    await service[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  const statuses = () => Promise.all(paths.map(async (path) => (await service.get(path)).status));

  /** Every answer is a 503 that says when to try again, and none takes longer. */
  async function expectUnavailable(millis: number): Promise<void> {
    for (const path of paths) {
      const start = performance.now();
      const { status, body, headers } = await service.get(path);
      expect([status, body.Code, headers.get('Retry-After')]).to.deep.equal([503, 'ServiceUnavailableError', '5']);
      expect(performance.now() - start).to.be.below(millis);
    }
  }

  it('answers 503 while it hangs, and goes on when it does', async () => {
    expect(await statuses()).to.deep.equal([200, 200]);
    const { pid } = engine.child.identity;
    process.kill(pid, 'SIGSTOP');
    try {
      // Until then it may still say which index serves, and a search is waited for longer than that.
      await until(() => stateOf(pid).startsWith('T'), 5_000);
      await expectUnavailable(6_000);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await until(async () => (await statuses()).every((status) => status === 200), 30_000);
  });

  it('answers 503 at once when it has stopped', async () => {
    await engine.child.stop();
    await expectUnavailable(1_000);
    expect((await service.get('/index/sheets?size=0')).status).to.equal(400);
  });
});
