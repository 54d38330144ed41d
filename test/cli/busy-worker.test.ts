import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { z } from 'zod';
import { askJson } from '../../core/http/ask-json.ts';
import { lazuli, settingsIn, temporaryFolder } from '../rigs/cli/lazuli.ts';
import { fakeWorker } from './fake-worker.ts';

/** A file of settings by which the command line asks a worker at this port. */
function settingsFor(folder: string, port: number): string {
  const settings = settingsIn(folder);
  const file = join(folder, 'lazuli.json');
  writeFileSync(file, JSON.stringify({ ...settings, http: { ...settings.http, transform: port } }));
  return file;
}

describe('A transform worker that is busy', () => {
  it('is not taken for one that is not there', async () => {
    using busy = await fakeWorker(() => {});
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
    using busy = await fakeWorker((_request, response) => {
      response.writeHead(409, { 'content-type': 'application/json' });
      response.end('{"Code": "ConflictError", "Message": "Nothing is written: an operator has paused it."}');
    });
    const { code, out, err } = await lazuli(['verify', '--json', '--config', settingsFor(folder.path, busy.port)]);
    expect({ code, out }).to.deep.equal({ code: 1, out: '' });
    expect(err).to.match(/^error: The transform worker answered 409 .*an operator has paused it\.\nremedy: /);
  });

  it('has `lazuli verify --json` print JSON and nothing else once it has answered', async () => {
    using folder = temporaryFolder();
    const found = {
      generation: 1,
      documents: 0,
      differences: [],
      others: [],
      mappings: [],
      snapshot: { files: [], differences: [] },
    };
    const told = { ...found, recomputed: 0, largest: [], dead: 0 };
    using busy = await fakeWorker((_request, response) => void response.end(JSON.stringify(told)));
    const { code, out, err } = await lazuli(['verify', '--json', '--config', settingsFor(folder.path, busy.port)]);
    expect({ code, err }).to.deep.equal({ code: 0, err: '' });
    expect(JSON.parse(out)).to.deep.equal({ catalog: 'hca', ...told, findings: [] });
  });
});
