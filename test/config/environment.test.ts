import { expect } from 'chai';
import { settingsOfEnvironment } from '../../config/environment.ts';
import { ownerUrls, peerUrl } from '../../config/peers.ts';
import { parseSettings } from '../../config/settings.ts';
import { settingsIn } from '../cli/lazuli.ts';

const settings = { ...settingsIn('/data', ['hca', 'other']), opensearch: { url: 'https://search.example/' } };

describe('Settings of the environment', () => {
  it('are none where it has none', () => expect(settingsOfEnvironment({})).to.equal(null));

  it('have the credentials in the URL of the search engine, whatever characters they hold', () => {
    const found = settingsOfEnvironment({
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
