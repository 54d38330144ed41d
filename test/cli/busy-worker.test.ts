import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { z } from 'zod';
import { askJson } from '../../cli/pipeline/http.ts';
import { lazuli, settingsIn, temporaryFolder } from './lazuli.ts';

/** In the place of a transform worker. */
async function worker(answer: RequestListener) {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { port, url: `http://127.0.0.1:${port}`, [Symbol.dispose]: close };
}

describe('A transform worker that is busy', () => {
  it('is not taken for one that is not there', async () => {
    using busy = await worker(() => {});
    const error = await askJson('The transform worker', busy.url, z.unknown(), {}, 50).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).to.include({
      code: 'unavailable',
      message: `The transform worker has not answered within 0.05 s at ${busy.url}.`,
      remedy: 'It may have too much to do: `lazuli status` shows what. Ask again later.',
    });
  });

  it('has `lazuli verify --json` end with 1, print nothing, and tell why on standard error', async () => {
    using folder = temporaryFolder();
    using busy = await worker((_request, response) => {
      response.writeHead(409, { 'content-type': 'application/json' });
      response.end('{"Code": "ConflictError", "Message": "Nothing is written: an operator has paused it."}');
    });
    const settings = settingsIn(folder.path);
    const file = join(folder.path, 'lazuli.json');
    writeFileSync(file, JSON.stringify({ ...settings, http: { ...settings.http, transform: busy.port } }));
    const { code, out, err } = await lazuli(['verify', '--json', '--config', file]);
    expect({ code, out }).to.deep.equal({ code: 1, out: '' });
    expect(err).to.match(/^error: The transform worker answered 409 .*an operator has paused it\.\nremedy: /);
  });

  it('has `lazuli verify --json` print JSON and nothing else once it has answered', async () => {
    using folder = temporaryFolder();
    const found = { generation: 1, documents: 0, differences: [], others: [], mappings: [] };
    const told = { ...found, recomputed: 0, largest: [], dead: 0 };
    using busy = await worker((_request, response) => void response.end(JSON.stringify(told)));
    const settings = settingsIn(folder.path);
    const file = join(folder.path, 'lazuli.json');
    writeFileSync(file, JSON.stringify({ ...settings, http: { ...settings.http, transform: busy.port } }));
    const { code, out, err } = await lazuli(['verify', '--json', '--config', file]);
    expect({ code, err }).to.deep.equal({ code: 0, err: '' });
    expect(JSON.parse(out)).to.deep.equal({ catalog: 'hca', ...told });
  });
});
