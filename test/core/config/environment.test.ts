import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Environment, secretOf, settingsOfEnvironment } from '../../../core/config/environment.ts';
import { ownerUrls, peerUrl } from '../../../core/config/peers.ts';
import { parseSettings } from '../../../core/config/settings.ts';
import { settingsIn } from '../../rigs/cli/lazuli.ts';

const settings = { ...settingsIn('/data', ['hca', 'other']), opensearch: { url: 'https://search.example/' } };

describe('Settings of the environment', () => {
  const read = async (address: string): Promise<Uint8Array> => {
    throw new Error(`${address} is not there`);
  };
  const of = (environment: Environment) => settingsOfEnvironment(environment, read);

  it('are none where it has none', async () => expect(await of({})).to.equal(null));

  it('have the credentials in the URL of the search engine, whatever characters they hold', async () => {
    const found = await of({
      LAZULI_SETTINGS: JSON.stringify(settings),
      LAZULI_OPENSEARCH_USERNAME: 'us/er',
      LAZULI_OPENSEARCH_PASSWORD: 'p@ss:%w#rd',
    });
    const url = new URL(found?.opensearch.url ?? '');
    expect([url.host, decodeURIComponent(url.username), decodeURIComponent(url.password)]).to.deep.equal([
      'search.example',
      'us/er',
      'p@ss:%w#rd',
    ]);
    expect({ ...found, opensearch: settings.opensearch }).to.deep.equal(settings);
  });

  it('are refused where a file of settings would be', async () => {
    const text = JSON.stringify(settings);
    const half = text.replace('/data', '\\ud800');
    for (const wrong of [text.slice(1), half, text.replace('{', `{"x": ${'['.repeat(501)}${']'.repeat(501)},`)]) {
      expect(await of({ LAZULI_SETTINGS: wrong }).catch((error: unknown) => error))
        .to.be.an('error')
        .with.property('message', "The environment variable LAZULI_SETTINGS can't be used: it is no JSON");
      expect(await of({ LAZULI_SETTINGS: wrong }).catch((error: unknown) => error))
        .to.include({ code: 'configuration_invalid' })
        .and.does.not.have.property('cause');
    }
    expect(await of({ LAZULI_SETTINGS: `\ufeff${text}` })).to.deep.equal(settings);
  });

  it('have plug-ins relative to their file, or else to where the process works', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lazuli-'));
    const file = join(folder, 'settings.json');
    const text = JSON.stringify({ ...settings, plugins: ['./mine'] });
    writeFileSync(file, text);
    const stored = async () => readFileSync(file);
    const found = async (place: Environment) => (await settingsOfEnvironment(place, stored))?.plugins;
    expect(await found({ LAZULI_SETTINGS_FILE: file })).to.deep.equal([join(folder, 'mine')]);
    expect(await found({ LAZULI_SETTINGS: text })).to.deep.equal([join(process.cwd(), 'mine')]);
    expect(await found({ LAZULI_SETTINGS_OBJECT: 's3://a/b' })).to.deep.equal([join(process.cwd(), 'mine')]);
    rmSync(folder, { recursive: true });
  });

  it('may be in a file or an object, which are held to the same', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lazuli-'));
    try {
      const file = join(folder, 'settings.json');
      const places = [{ LAZULI_SETTINGS_FILE: file }, { LAZULI_SETTINGS_OBJECT: 's3://bucket/key' }];
      const stored = async () => readFileSync(file);
      for (const place of places) {
        const [variable = ''] = Object.keys(place);
        const found = () => settingsOfEnvironment(place, stored).catch((error: Error) => error);
        writeFileSync(file, `\ufeff${JSON.stringify(settings)}`);
        expect(await found()).to.deep.equal(settings);
        for (const [wrong, why] of [
          ['{', `The environment variable ${variable} can't be used: it is no JSON`],
          ['{}', `${variable}: ✖ `],
          [Buffer.from('"ä"', 'latin1'), `The environment variable ${variable} can't be used: `],
        ] as const) {
          writeFileSync(file, wrong);
          const error = (await found()) as Error;
          expect(error).to.include({ code: 'configuration_invalid' });
          expect(error.message.startsWith(why), error.message).to.equal(true);
        }
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
    const missing = await of({ LAZULI_SETTINGS_OBJECT: 's3://bucket/key' }).catch((error: unknown) => error);
    expect(missing)
      .to.be.an('error')
      .that.includes({ code: 'configuration_invalid' })
      .with.property(
        'message',
        "The environment variable LAZULI_SETTINGS_OBJECT can't be used: s3://bucket/key is not there",
      );
  });
});

describe('A secret in a file', () => {
  it('is all of its text without the white space around it, and nothing that is no text', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lazuli-'));
    try {
      const file = join(folder, 'password');
      const read = () => secretOf({ PASSWORD_FILE: file }, 'PASSWORD');
      writeFileSync(file, '\ufeff pässwörd\n');
      expect(read()).to.equal('pässwörd');
      writeFileSync(file, Buffer.from('pässwörd', 'latin1'));
      expect(read)
        .to.throw(/^The environment variable PASSWORD_FILE can't be used: .*not valid for encoding utf-8/)
        .with.property('code', 'configuration_invalid');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('Addresses of the other processes', () => {
  it('are on this host, unless the settings name them', () => {
    expect(peerUrl(settings, 'query')).to.equal('http://127.0.0.1:9');
    expect([...ownerUrls(settings)]).to.deep.equal([
      ['hca', 'http://127.0.0.1:9'],
      ['other', 'http://127.0.0.1:9'],
    ]);
    const peers = {
      query: 'http://query.dev:8000/',
      indexer: 'http://indexer.dev:8001',
      ingest: 'http://ingest.dev:8002',
      transform: { hca: 'http://transform-hca.dev:8003' },
    };
    const there = parseSettings({ ...settings, http: { ...settings.http, peers } }, 'test');
    expect(peerUrl(there, 'query')).to.equal('http://query.dev:8000');
    expect(ownerUrls(there).get('hca')).to.equal('http://transform-hca.dev:8003');
  });
});
