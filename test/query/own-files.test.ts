import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { Tokens } from '../../core/exports/tokens.ts';
import type { Document } from '../../core/model/metadata.ts';
import { systemClock } from '../../core/runtime/clock.ts';
import { canned } from '../../plugins/repository/canned/plugin.ts';
import { thing, things } from '../exports/formats/things.ts';
import { type Service, startService } from '../rigs/service/harness.ts';
import { temporaryFolder } from '../rigs/streams/recording.ts';

const source = { id: 'a', spec: 'things:a:' };
/** What the manifests of bundles call the files. */
const names = {
  plain: 'a.txt',
  unlike: 'a.txt',
  zarr: 'z.zarr/.zattrs',
  above: '../bundles.json',
  linked: 'out.txt',
  absolute: '/etc/hostname',
  folder: 'z.zarr',
  absent: 'none.txt',
  nul: 'a\u0000.txt',
  remote: 'remote.txt',
};
const sizes: Readonly<Record<string, number>> = { plain: 10, unlike: 4 };
const documents = Object.entries(names).map(([uuid, name]) =>
  thing(
    { document_id: uuid, uuid, name, size: sizes[uuid] ?? null, drs_uri: uuid === 'remote' ? 'drs://x/1' : null },
    { sources: [source] },
  ),
) as unknown as readonly Document[];

describe('Data files of a canned folder', () => {
  let service: Service;
  let skew = 0;
  const folder = temporaryFolder();
  before(async () => {
    const { path } = await folder;
    writeFileSync(join(path, 'bundles.json'), JSON.stringify({ source, bundles: [] }));
    for (const place of ['data/z.zarr', 'data/unlike']) mkdirSync(join(path, place), { recursive: true });
    writeFileSync(join(path, 'data', 'a.txt'), '0123456789');
    writeFileSync(join(path, 'data', 'unlike', 'a.txt'), 'else');
    writeFileSync(join(path, 'data', 'z.zarr', '.zattrs'), '{}');
    writeFileSync(join(path, 'secret.txt'), 'secret');
    symlinkSync(join(path, 'secret.txt'), join(path, 'data', 'out.txt'));
    const repository = await canned.open({ folder: path }, []);
    const clock = { ...systemClock, now: () => Date.now() + skew };
    const tokens = new Tokens(Buffer.alloc(32, 7), 'test');
    const links = async () => ({ tokens, clock });
    service = await startService({ plugin: things, documents: { files: documents }, repository, deps: { links } });
  });
  after(async () => {
    await service[Symbol.asyncDispose]();
    await (await folder)[Symbol.asyncDispose]();
  });

  const located = async (uuid: string, more = '') => {
    const answer = await service.get(`/repository/files/${uuid}${more}`);
    return { status: answer.status, path: answer.headers.get('Location')?.slice(service.url.length) ?? '' };
  };
  const sent = async (path: string, headers = {}) => {
    const answer = await fetch(service.url + path, { headers });
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  };

  it('are sent whole or in parts, under the name that was asked for', async () => {
    const { status, path } = await located('plain', '?fileName=b%2F%22c.txt');
    expect(status).to.equal(302);
    expect(path).to.match(/^\/repository\/objects\/[\w-]+$/);
    const whole = await sent(path);
    expect([whole.status, whole.text, whole.headers.get('Content-Length')]).to.deep.equal([200, '0123456789', '10']);
    expect(whole.headers.get('Content-Disposition')).to.equal('attachment; filename="b__c.txt"');
    expect(whole.headers.get('Content-Type')).to.equal('application/octet-stream');
    const part = await sent(path, { Range: 'bytes=4-' });
    expect([part.status, part.text, part.headers.get('Content-Range')]).to.deep.equal([206, '456789', 'bytes 4-9/10']);
    const tag = String(whole.headers.get('ETag'));
    expect((await sent(path, { 'If-None-Match': tag })).status).to.equal(304);
    expect((await sent(path, { Range: 'bytes=10-' })).status).to.equal(416);
    utimesSync(join((await folder).path, 'data', 'a.txt'), 1, 1);
    expect((await sent(path, { Range: 'bytes=4-', 'If-Range': tag })).status).to.equal(200);
  });

  it('are found by what their manifest says, a folder of their own first', async () => {
    expect((await sent((await located('unlike')).path)).text).to.equal('else');
    const { headers, text } = await sent((await located('zarr')).path);
    expect([text, headers.get('Content-Disposition')]).to.deep.equal(['{}', 'attachment; filename="z.zarr_.zattrs"']);
    for (const uuid of ['above', 'linked', 'absolute', 'folder', 'absent', 'nul', 'remote'])
      expect((await located(uuid)).status, uuid).to.equal(404);
  });

  it('have URLs that are good as they were signed, for an hour, as long as the file is there', async () => {
    const { path } = await located('zarr');
    for (const other of [path.slice(0, -1), `${path.slice(0, -1)}${path.endsWith('A') ? 'B' : 'A'}`])
      expect((await sent(other)).status).to.equal(403);
    expect((await sent(`${path}?more=1`)).status).to.equal(400);
    skew = 59 * 60 * 1000;
    expect((await sent(path)).status).to.equal(200);
    skew = 61 * 60 * 1000;
    expect((await sent(path)).status).to.equal(410);
    skew = 0;
    writeFileSync(join((await folder).path, 'data', 'a.txt'), 'another size');
    expect((await located('plain')).status).to.equal(404);
  });
});
