import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { decodeNotification, encodeNotification } from '../../../ingest/notification.ts';
import { canned } from '../../../plugins/repository/canned/plugin.ts';

const uuid = '00000000-0000-4000-8000-000000000001';
const [id, spec, version] = ['i', 's', '1'];

describe('What names sources and bundles', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'lazuli-identities-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  const inFolder = (given: { source: { id: string; spec: string }; version: string }) => {
    const bundles = [{ file: 'one.json', uuid, version: given.version }];
    writeFileSync(join(folder, 'bundles.json'), JSON.stringify({ source: given.source, bundles }));
    return canned.open({ folder }, []);
  };
  const inNotification = async (given: { source: { id: string; spec: string }; version: string }) => {
    const notification = { bundle_fqid: { uuid, ...given } };
    decodeNotification(encodeNotification({ action: 'add', catalog: 'hca', number: 0, notification }));
  };
  const codeOf = (opened: Promise<unknown>): Promise<unknown> =>
    opened.then(
      () => 'taken',
      ({ code }: { code: unknown }) => code,
    );
  const at = async (given: { source: { id: string; spec: string }; version: string }) => [
    await codeOf(inFolder(given)),
    await codeOf(inNotification(given)),
  ];

  it('is taken or refused alike in bundles.json and in notifications', async () => {
    const taken = ['taken', 'taken'];
    const refused = ['configuration_invalid', 'record_malformed'];
    expect(
      await at({ source: { id: id.repeat(256), spec: spec.repeat(1024) }, version: version.repeat(128) }),
    ).to.deep.equal(taken);
    for (const wrong of ['', id.repeat(257), '\ud800']) {
      expect(await at({ source: { id: wrong, spec }, version }), wrong.slice(0, 3)).to.deep.equal(refused);
    }
    for (const wrong of ['', spec.repeat(1025), '\ud800'])
      expect(await at({ source: { id, spec: wrong }, version })).to.deep.equal(refused);
    for (const wrong of ['', version.repeat(129), '\ud800'])
      expect(await at({ source: { id, spec }, version: wrong })).to.deep.equal(refused);
  });
});
