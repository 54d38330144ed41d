import { request } from 'node:http';
import { expect } from 'chai';
import { hostNames } from '../../../core/config/peers.ts';
import { parseSettings } from '../../../core/config/settings.ts';
import { serve } from './served.ts';

type Headers = Readonly<Record<string, string>>;

/** Asks as a browser may; `fetch` allows neither Host nor Sec-Fetch-Site. @returns the status */
function ask(url: string, { method = 'GET', path = '/hello', headers = {} as Headers, body = '' }): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url + path, { method, headers, agent: false }, (answer) => {
      answer.resume().once('end', () => resolve(answer.statusCode ?? 0));
    });
    sent.once('error', reject).end(body);
  });
}

const json = { 'Content-Type': 'application/json' };
const folders = { staging: '/s', state: '/s', deadLetters: '/s' };
const catalog = { atlas: 'hca', plugins: { metadata: { name: 'hca' }, repository: { name: 'canned' } }, sources: [] };
const settings = parseSettings(
  {
    folders,
    opensearch: { url: 'http://search.example:9200' },
    kinesis: {},
    http: {
      host: '0.0.0.0',
      peers: {
        query: 'http://Query.stack.internal:8000',
        indexer: 'http://indexer:8001',
        ingest: 'http://[fd00::2]:8002',
        transform: { hca: 'http://transform-hca:8003/' },
      },
    },
    hmacKeyFile: '/k',
    catalogs: { hca: catalog, other: catalog },
  },
  'test',
);

describe('A port for operators', () => {
  const operators = { audience: 'operators', hosts: hostNames(settings) } as const;
  let server: Awaited<ReturnType<typeof serve>>;
  before(async () => {
    server = await serve(operators);
  });
  after(() => server.stop());

  const hosts = {
    200: [
      ...['127.0.0.1', '127.0.0.1:8003', 'localhost:8003', 'LOCALHOST', '[::1]:8003', '10.1.2.3:8004', '[fd00::7]'],
      ...['query.stack.internal:8004', 'QUERY.stack.internal', 'indexer', 'transform-hca:8003'],
    ],
    403: [
      ...['evil.example', 'evil.example:8003', 'localhost.evil.example', '127.0.0.1.evil.example', 'evil'],
      ...['search.example', 'stack.internal', 'me@127.0.0.1', '127.0.0.1:x', '[evil.example]', '1.2.3', 'query:8000'],
    ],
  };
  for (const [status, names] of Object.entries(hosts)) {
    for (const Host of names) {
      it(`answers ${status} where it is asked as '${Host}'`, async () => {
        expect(await ask(server.url, { headers: { Host } })).to.equal(Number(status));
        const post = { method: 'POST', path: '/echo', headers: { Host, ...json } };
        expect(await ask(server.url, post)).to.equal(Number(status));
      });
    }
  }

  it('answers no page but its own', async () => {
    const own = server.url;
    const foreign: readonly Headers[] = [
      ...['https://evil.example', 'null', 'http://127.0.0.1:1', 'http://localhost', ''].map((Origin) => ({ Origin })),
      ...['cross-site', 'same-site', 'nonsense', ''].map((site) => ({ 'Sec-Fetch-Site': site })),
      { Origin: own, 'Sec-Fetch-Site': 'cross-site' },
    ];
    for (const headers of foreign) {
      const what = JSON.stringify(headers);
      expect(await ask(server.url, { headers }), what).to.equal(403);
      const post = { method: 'POST', path: '/echo', headers: { ...headers, ...json } };
      expect(await ask(server.url, post), what).to.equal(403);
    }
    for (const site of ['none', 'same-origin']) {
      expect(await ask(server.url, { headers: { Origin: own, 'Sec-Fetch-Site': site } })).to.equal(200);
    }
  });

  it('takes nothing that a page may send unasked', async () => {
    const types = [
      {},
      ...['text/plain', 'application/x-www-form-urlencoded'].map((type) => ({ 'Content-Type': type })),
    ];
    for (const headers of types) {
      for (const body of ['', '{}']) {
        const post = { method: 'POST', path: '/echo', headers, body };
        expect(await ask(server.url, post), JSON.stringify(headers)).to.equal(415);
      }
    }
    expect(await ask(server.url, { method: 'POST', path: '/echo', headers: json, body: '{}' })).to.equal(200);
  });

  it('says what to do instead', async () => {
    const answer = await fetch(`${server.url}/hello`, { headers: { Origin: 'https://evil.example' } });
    expect([answer.status, await answer.json()]).to.deep.equal([
      403,
      {
        Code: 'ForbiddenError',
        Message:
          'This port is for operators, and the request is for a page of "https://evil.example". Ask by an address, by localhost or by a name in `http.peers`, and not from a page.',
      },
    ]);
    expect(answer.headers.get('Access-Control-Allow-Origin')).to.equal(null);
  });
});

describe('A port for everyone', () => {
  it('answers pages, by whatever name', async () => {
    await using server = await serve();
    const headers = { Host: 'service.example', Origin: 'https://portal.example', 'Sec-Fetch-Site': 'cross-site' };
    expect(await ask(server.url, { headers })).to.equal(200);
  });
});
