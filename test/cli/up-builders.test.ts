import { expect } from 'chai';
import type { ChildSpec } from '../../cli/engines/child.ts';
import { provideBuilders } from '../../cli/up/builders.ts';
import { folders } from '../../cli/up/folders.ts';
import { parseSettings } from '../../core/config/settings.ts';
import { until } from '../rigs/until.ts';
import { fakeWorker } from './fake-worker.ts';

const at = folders('/nowhere');

describe('A local stack', function () {
  this.timeout(30_000);

  it('has as many builders as are wanted, and none once none is; where the owner says nothing, nothing changes', async () => {
    let said: number | null = 2;
    let refusals = 0;
    using owner = await fakeWorker((_request, response) => {
      response.statusCode = said === null ? 503 : 200;
      if (said === null) refusals++;
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ wanted: said }));
    });
    const running: string[] = [];
    const supervisor = {
      mark: 'mark',
      keep: async ({ name }: ChildSpec) => void running.push(name),
      end: async (name: string) => void running.splice(running.indexOf(name), 1),
    };
    const http = { transform: owner.port };
    const plugins = { metadata: { name: 'hca' }, repository: { name: 'canned', folder: '/nowhere' } };
    const settings = parseSettings(
      {
        folders: { staging: at.staging, state: at.state, deadLetters: at.deadLetters },
        opensearch: { url: 'http://127.0.0.1:9' },
        kinesis: {},
        http,
        hmacKeyFile: at.hmacKey,
        catalogs: { hca: { atlas: 'hca', plugins, sources: [] } },
      },
      'the settings of a test',
    );
    const ending = new AbortController();
    const providing = provideBuilders(settings, at, supervisor, ending.signal);
    await until(async () => running.length === 2);
    expect(running).to.deep.equal(['builder-1', 'builder-2']);
    said = null;
    await until(async () => refusals > 1);
    expect(running.length).to.equal(2);
    said = 1;
    await until(async () => running.length === 1);
    said = 0;
    await until(async () => running.length === 0);
    ending.abort();
    await providing;
  });
});
