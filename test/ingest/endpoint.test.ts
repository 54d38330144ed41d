import { expect } from 'chai';
import { post, startIndexer } from '../rigs/streams/indexer.ts';

const uuid = '56a338fe-7554-4b5d-96a2-7df127a7640b';
const version = '2018-03-28T15:10:23.074974Z';
const source = { id: '42848d8f-ecdc-5b32-a667-a7b5aedfc9f5', spec: 'https://fake_dss_instance/v1:/2' };

describe('the notifications endpoint', () => {
  let indexer: Awaited<ReturnType<typeof startIndexer>>;
  beforeEach(async () => {
    indexer = await startIndexer({ health: { queues: async () => ({ up: indexer.stream.up }) } });
  });
  afterEach(() => indexer.stop());

  it('puts an addition to the stream, then answers 202 with no body', async () => {
    const { status, body } = await post(indexer.url, '/hca/add', { bundle_fqid: { uuid, version, source } });
    expect({ status, body }).to.deep.equal({ status: 202, body: '' });
    expect(indexer.records).to.deep.equal([
      {
        partitionKey: uuid,
        record: {
          action: 'add',
          catalog: 'hca',
          number: 0,
          notification: { bundle_fqid: { uuid, version, source } },
        },
      },
    ]);
  });

  it('accepts a notification without source, forwards what it does not know, drops partition, lowers the case', async () => {
    const notification = {
      transaction_id: 't',
      partition: { prefix_length: 1, prefix: 0 },
      bundle_fqid: { uuid: uuid.toUpperCase(), version, table_name: 'anvil_file' },
    };
    const { status } = await post(indexer.url, '/not-configured/delete', notification);
    expect(status).to.equal(202);
    expect(indexer.records).to.deep.equal([
      {
        partitionKey: uuid,
        record: {
          action: 'delete',
          catalog: 'not-configured',
          number: 1,
          notification: { transaction_id: 't', bundle_fqid: { uuid, version, table_name: 'anvil_file' } },
        },
      },
    ]);
  });

  it('numbers deletions and restores of a version: a restore cancels what came before it', async () => {
    const named = { bundle_fqid: { uuid, version, source } };
    const others = [
      { bundle_fqid: { uuid, version: 'another', source } },
      { bundle_fqid: { uuid, version, source: { ...source, id: 'another' } } },
    ];
    const posted = ['delete', 'delete', 'restore', 'delete', 'delete', 'restore', 'add', 'delete'];
    for (const action of posted) expect((await post(indexer.url, `/hca/${action}`, named)).status).to.equal(202);
    await post(indexer.url, '/other/delete', named);
    for (const other of others) await post(indexer.url, '/hca/delete', other);
    const numbers = indexer.records.map(({ record }) => (record as { number: number }).number);
    expect(numbers).to.deep.equal([1, 1, 1, 2, 2, 2, 0, 3, 1, 1, 1]);
  });

  const good = { bundle_fqid: { uuid, version } };
  const bad: readonly [what: string, path: string, body: unknown, message: string][] = [
    ['an empty body', '/hca/add', {}, 'Missing notification entry: bundle_fqid'],
    ['no JSON', '/hca/add', '{', 'The body is no JSON'],
    [
      'a name twice in one object',
      '/hca/add',
      `{"bundle_fqid": {"uuid": "${uuid}", "version": "1", "\\u0076ersion": "2"}}`,
      'The body is ambiguous: it has two members /bundle_fqid/version',
    ],
    ['a list', '/hca/add', [], 'Invalid type: body: list (should be object)'],
    ['a null FQID', '/hca/add', { bundle_fqid: null }, 'Invalid type: bundle_fqid: null (should be object)'],
    ['no uuid', '/hca/add', { bundle_fqid: { version } }, 'Missing notification entry: bundle_fqid.uuid'],
    ['no version', '/hca/add', { bundle_fqid: { uuid } }, 'Missing notification entry: bundle_fqid.version'],
    ['a null uuid', '/hca/add', fqid(null, version), 'Invalid type: uuid: null (should be string)'],
    ['a null version', '/hca/add', fqid(uuid, null), 'Invalid type: version: null (should be string)'],
    ['a number', '/hca/add', fqid(uuid, 1), 'Invalid type: version: number (should be string)'],
    ['no UUID at all', '/hca/add', fqid('foo', version), 'Invalid syntax: foo (should be a UUID)'],
    ['a UUID in braces', '/hca/add', fqid(`{${uuid}}`, version), `Invalid syntax: {${uuid}} (should be a UUID)`],
    ['an empty version', '/hca/add', fqid(uuid, ''), 'Invalid syntax: bundle_version can not be empty'],
    ['an inherited member', '/hca/add', '{"__proto__":{"bundle_fqid":{}}}', 'Missing notification entry: bundle_fqid'],
    [
      'half a surrogate pair where nobody looks',
      '/hca/add',
      { ...fqid(uuid, '1'), more: ['\ud800'] },
      'Invalid syntax: the notification has half of a surrogate pair, which no text can have',
    ],
    ['half a surrogate pair', '/hca/add', fqid(uuid, '\ud800'), 'Invalid syntax: version has half of a surrogate pair'],
    ['an unknown action', '/hca/reindex', good, 'Unknown action: reindex (should be one of add, delete, restore)'],
    ['a restore without source', '/hca/restore', good, 'Missing notification entry: bundle_fqid.source.id'],
    ['a malformed catalog', '/HCA_/add', good, 'Catalog name is invalid: HCA_'],
  ];
  for (const [what, path, body, message] of bad) {
    it(`answers 400 to ${what}`, async () => {
      const response = await post(indexer.url, path, body);
      expect([response.status, JSON.parse(response.body)]).to.deep.equal([
        400,
        { Code: 'BadRequestError', Message: message },
      ]);
      expect(indexer.records).to.deep.equal([]);
    });
  }

  it('answers 503 with Retry-After while the stream does not acknowledge', async () => {
    indexer.stream.up = false;
    const { status, headers, body } = await post(indexer.url, '/hca/add', good);
    expect([status, headers.get('retry-after'), JSON.parse(body).Code]).to.deep.equal([
      503,
      '5',
      'ServiceUnavailableError',
    ]);
    indexer.stream.up = true;
    expect((await post(indexer.url, '/hca/add', good)).status).to.equal(202);
  });

  it('answers 413 to a body or URL beyond its limit, 415 to another content type', async () => {
    const long = { ...good, padding: 'x'.repeat(10_000) };
    expect((await post(indexer.url, '/hca/add', long)).status).to.equal(413);
    expect((await post(indexer.url, `/hca/add?${'x'.repeat(1_000)}`, good)).status).to.equal(413);
    const headers = { 'Content-Type': 'text/plain' };
    expect((await post(indexer.url, '/hca/add', good, { headers })).status).to.equal(415);
  });

  it('answers 404 to unknown paths and 405, with Allow, to other methods', async () => {
    expect(await get('/nothing/here/at-all')).to.deep.equal([
      404,
      { Code: 'NotFoundError', Message: 'There is nothing at /nothing/here/at-all' },
    ]);
    const response = await fetch(`${indexer.url}/hca/add`);
    expect([response.status, response.headers.get('allow')]).to.deep.equal([405, 'POST']);
    expect((await fetch(`${indexer.url}/%zz/add`, { method: 'POST' })).status).to.be.oneOf([400, 401, 404]);
  });

  it('tells version and health', async () => {
    expect(await get('/version')).to.deep.equal([200, { git: { commit: 'abc', dirty: false }, changes: [] }]);
    expect(await get('/health/basic')).to.deep.equal([200, { up: true }]);
    expect(await get('/health')).to.deep.equal([200, { queues: { up: true }, up: true }]);
    expect(await get('/health/fast')).to.deep.equal([200, { queues: { up: true }, up: true }]);
    expect((await get('/health/cached?catalog=other'))[0]).to.equal(404);
    indexer.stream.up = false;
    expect(await get('/health/queues')).to.deep.equal([503, { queues: { up: false }, up: false }]);
    expect(await get('/health/queues,')).to.deep.equal([400, { Message: 'Invalid health keys' }]);
  });

  it('gives each request an id, keeps a sane one, and logs neither signature nor body', async () => {
    const { headers } = await post(indexer.url, '/hca/add', good, { headers: { 'X-Request-Id': 'mine-1' } });
    expect(headers.get('x-request-id')).to.equal('mine-1');
    const other = await post(indexer.url, '/hca/add', good, { headers: { 'X-Request-Id': 'not sane' } });
    expect(other.headers.get('x-request-id')).to.match(/^[0-9a-f-]{36}$/);
    const logged = JSON.stringify(indexer.logged);
    expect(logged).to.include('mine-1').and.not.include('hmac').and.not.include(uuid);
    expect(headers.get('x-content-type-options')).to.equal('nosniff');
  });

  async function get(path: string): Promise<[number, unknown]> {
    const response = await fetch(`${indexer.url}${path}`);
    return [response.status, await response.json()];
  }
});

function fqid(bundleUuid: unknown, bundleVersion: unknown) {
  return { bundle_fqid: { uuid: bundleUuid, version: bundleVersion } };
}
