import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { drsSettings } from '../../../core/config/drs-settings.ts';
import { LazuliError } from '../../../core/config/errors.ts';
import { DrsClient } from '../../../core/drs/client.ts';

const objects = '/ga4gh/drs/v1/objects/';
const signed = 'https://storage.example/b/k?X-Goog-Signature=%3A1';

describe('The DRS client', () => {
  let server: Server;
  let host: string;
  /** by path */
  const answers = new Map<string, { status?: number; headers?: Record<string, string>; body?: unknown }>();
  const asked: { path: string; authorization: string | undefined }[] = [];
  before(async () => {
    server = createServer((request: IncomingMessage, response: ServerResponse) => {
      const path = request.url ?? '';
      asked.push({ path, authorization: request.headers.authorization });
      const { status = 200, headers = {}, body } = answers.get(path) ?? { status: 404 };
      response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body ?? null));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => server.close());
  beforeEach(() => {
    answers.clear();
    asked.length = 0;
  });

  const clientOf = (over: object = {}, more: object = {}) =>
    new DrsClient(drsSettings.parse({ hosts: { [host]: { private: true, plain: true, ...over } }, ...more }));
  const locate = (over?: object, uri = `drs://${host}/it?version=1`) =>
    clientOf(over).locate(uri, { authorization: 'Bearer t' });
  const object = (...methods: object[]) => answers.set(`${objects}it?version=1`, { body: { access_methods: methods } });
  const access = (id: string, answer: object) => answers.set(`${objects}it/access/${id}?version=1`, answer);
  const code = (work: Promise<unknown>) =>
    work.then(
      () => 'no error',
      (error: unknown) => (error instanceof LazuliError ? error.code : String(error)),
    );

  it('gives the URL of the first kind of access that leads anywhere', async () => {
    object(
      { type: 'gs', access_url: { url: 'gs://b/k' }, access_id: 'a*1' },
      { type: 'https', access_url: { url: 'https://x.example', headers: ['Authorization: Bearer t'] } },
      { type: 'ftp', access_url: { url: 'ftp://x.example' } },
    );
    access('a*1', { body: { url: signed } });
    expect(await locate()).to.deep.equal({ url: signed });
    object({ type: 'https', access_id: 'broken' }, { type: 's3', access_id: 'fine' });
    access('broken', { status: 400 });
    access('fine', { body: { url: signed, headers: null } });
    expect(await locate()).to.deep.equal({ url: signed });
    object({ type: 'https', access_url: { url: signed } });
    expect(await locate()).to.deep.equal({ url: signed });
  });

  it('hands on nothing that is no HTTPS URL of its own', async () => {
    const urls = [
      'http://x.example/k',
      'gs://b/k',
      'https://u:p@x.example',
      'javascript:alert(1)',
      'https://x/\r\nA: b',
      '//x',
    ];
    for (const url of urls) {
      object({ type: 'https', access_url: { url } });
      expect(await locate(), url).to.equal(null);
    }
    object({ type: 'https', access_url: { url: `http://${host}/k` } });
    expect(await locate()).to.deep.equal({ url: `http://${host}/k` });
    object();
    expect(await locate()).to.equal(null);
    answers.clear();
    expect(await locate()).to.equal(null);
  });

  it('waits where the server does not know yet', async () => {
    answers.set(`${objects}it?version=1`, { status: 202, headers: { 'Retry-After': '7' } });
    expect(await locate()).to.deep.equal({ retryAfter: 7 });
    object({ type: 'https', access_id: 'a' });
    access('a', { status: 202 });
    expect(await locate()).to.deep.equal({ retryAfter: 5 });
  });

  it("passes a caller's credential on to hosts only that are configured for it", async () => {
    object({ type: 'https', access_id: 'a' });
    access('a', { body: { url: signed } });
    await locate();
    await locate({ credentials: true });
    expect(asked.map(({ authorization }) => authorization)).to.deep.equal([
      undefined,
      undefined,
      'Bearer t',
      'Bearer t',
    ]);
  });

  it('follows no redirect, and tells what the server makes of the question', async () => {
    const statuses = { 302: 'download_failed', 400: 'download_failed', 401: 'forbidden', 403: 'forbidden' };
    for (const [status, expected] of Object.entries({ ...statuses, 429: 'too_many_requests', 500: 'unavailable' })) {
      answers.set(`${objects}it?version=1`, { status: Number(status), headers: { Location: '/elsewhere' } });
      expect(await code(locate()), status).to.equal(expected);
    }
    expect(new Set(asked.map(({ path }) => path))).to.deep.equal(new Set([`${objects}it?version=1`]));
  });

  it('reads a mebibyte at most, of JSON of that shape', async () => {
    for (const body of ['<html>', '[]', '{"access_methods":[{}]}']) {
      answers.set(`${objects}it?version=1`, { body });
      expect(await code(locate()), body).to.equal('download_failed');
    }
    answers.set(`${objects}it?version=1`, { body: { access_methods: [], padding: 'x'.repeat(2 ** 20) } });
    expect(await code(locate())).to.equal('unavailable');
  });

  it('asks no host that is not listed, and none at an address that is not public, unless it may', async () => {
    expect(await code(locate({}, 'drs://other.example/it'))).to.equal('download_failed');
    expect(await code(locate({ private: false }))).to.equal('download_failed');
    const named = host.replace('127.0.0.1', 'localhost');
    const client = new DrsClient(drsSettings.parse({ hosts: { [named]: { plain: true } } }));
    expect(await code(client.locate(`drs://${named}/it`, {}))).to.equal('download_failed');
    expect(asked).to.deep.equal([]);
  });

  it('resolves compact identifiers by the registry, once an hour', async () => {
    object({ type: 'https', access_url: { url: signed } });
    const client = clientOf({}, { registry: host });
    const namespace = '/restApi/namespaces/search/findByPrefix?prefix=dg.1';
    const resources = '/restApi/resources/search/findAllByNamespaceId?id=42';
    const patterns = (...urlPatterns: string[]) =>
      answers.set(resources, { body: { _embedded: { resources: urlPatterns.map((urlPattern) => ({ urlPattern })) } } });
    answers.set(namespace, { body: { _links: { self: { href: 'https://registry.example/restApi/namespaces/42' } } } });
    const found = () => client.locate('drs://dg.1:it', { authorization: 'Bearer t' });
    for (const pattern of [
      'https://other.example/x/{$id}',
      `http://${host}${objects}{$id}`,
      `https://${host}/..${objects}`,
    ]) {
      patterns(pattern);
      expect(await code(clientOf({}, { registry: host }).locate('drs://dg.1:it', {})), pattern).to.equal(
        'download_failed',
      );
    }
    patterns(`https://${host}${objects}{$id}?version=1`, `https://${host}${objects}{$id}`);
    expect(await code(found())).to.equal('download_failed');
    asked.length = 0;
    patterns(`https://${host}${objects}{$id}?version=1`);
    expect([await found(), await found()]).to.deep.equal([{ url: signed }, { url: signed }]);
    expect(asked.map(({ path }) => path)).to.deep.equal([
      namespace,
      resources,
      ...Array(2).fill(`${objects}it?version=1`),
    ]);
    expect(asked.some(({ authorization }) => authorization !== undefined)).to.equal(false);
  });
});
