import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import * as fc from 'fast-check';
import { LazuliError } from '../../core/config/errors.ts';
import { hasHalfPair } from '../../core/config/text.ts';
import { parseRequest, recordData } from '../../ingest/request.ts';
import { signRequest } from '../../ingest/sign.ts';
import { conformanceTo } from '../rigs/http/conformance.ts';
import { requestsOf, type WireRequest } from '../rigs/http/requests.ts';
import { type Schema, valuesOf } from '../rigs/http/schema-values.ts';
import { wireTo } from '../rigs/http/wire.ts';
import { numRuns, seed } from '../rigs/property.ts';
import { key, now, startIndexer } from '../rigs/streams/indexer.ts';
import { anyTextOrHalf } from '../rigs/texts.ts';

type Document = Parameters<typeof requestsOf>[0] & Parameters<typeof conformanceTo>[0];

const notification = JSON.stringify({
  bundle_fqid: {
    uuid: '0f997914-43c2-45e2-b79f-99167295b263',
    version: '2026-11-22T12:00:00.000000Z',
    source: {
      id: 'b28c2b91-7a2e-43a5-b2f0-6e8a3b5a9f11',
      spec: 'canned:x:/0',
    },
  },
});
const add: WireRequest = { method: 'POST', path: '/hca/add', headers: {}, body: notification };
/** With and without a signature; one of each outcome, which chance alone may not come to. */
const examples: [WireRequest, boolean][] = [
  [{ ...add, headers: { 'Content-Type': 'application/json' } }, true],
  [add, false],
  [{ ...add, body: '{' }, true],
  [{ ...add, method: 'PUT' }, true],
  [{ ...add, path: '/nowhere', method: 'GET', body: undefined }, false],
  [{ ...add, path: '/version', method: 'GET', body: undefined }, false],
  // What a drawn seed has found.
  [{ ...add, path: '/runs/a/b/cancel', headers: { 'Content-Type': 'text/plain' }, body: '' }, true],
];

/** The same request with the signature that it needs. */
async function signed(url: string, request: WireRequest): Promise<WireRequest> {
  const body = Buffer.from(request.body ?? '');
  const target = { method: request.method, url: url + request.path, body, created: now };
  return { ...request, headers: { ...request.headers, ...(await signRequest(key, target)) } };
}

describe('requests made from the OpenAPI document of the indexer', () => {
  let indexer: Awaited<ReturnType<typeof startIndexer>>;
  let document: Document;
  before(async () => {
    indexer = await startIndexer({ health: { queues: async () => ({ up: true }) } });
    document = (await (await fetch(`${indexer.url}/openapi`)).json()) as Document;
  });
  after(() => indexer.stop());

  it('are answered as it says, never with a failure of the indexer', async function () {
    this.timeout(600_000);
    const conforms = conformanceTo(document);
    const wire = wireTo(indexer.url);
    const seen = new Set<number>();
    const property = fc.asyncProperty(requestsOf(document), fc.boolean(), async (request, sign) => {
      const sent = sign ? await signed(indexer.url, request) : request;
      const { status, body } = await wire.send(sent);
      seen.add(status);
      const told = JSON.stringify({ status, body }).slice(0, 2000);
      expect(status, told).to.be.below(500);
      expect(conforms({ ...request, status, body }), told).to.equal(undefined);
    });
    await fc.assert(property, { numRuns: numRuns(6_000), seed: seed(), examples }).finally(wire.close);
    expect([...seen]).to.include.members([200, 202, 400, 401, 404, 405]);
  });

  it('take the notifications that the schema allows, and no others', () => {
    const resolve = (reference: string): Schema => document.components.schemas[reference.split('/').at(-1) ?? ''] ?? {};
    const schema = resolve('Notification');
    const allows = new Ajv2020({ strict: false }).compile(schema);
    const uuid = fc.oneof(
      fc.uuid(),
      fc.uuid().map((text) => text.toUpperCase()),
      fc.string(),
    );
    const version = fc.oneof(fc.string({ maxLength: 200 }), anyTextOrHalf(), fc.integer());
    const near = fc.record(
      { bundle_fqid: fc.record({ uuid, version, source: fc.jsonValue() }, { requiredKeys: ['uuid'] }) },
      { requiredKeys: [] },
    );
    const property = fc.property(fc.oneof(near, valuesOf(schema, resolve), fc.jsonValue()), (body) => {
      const text = JSON.stringify(body);
      // What JSON Schema can't say: no text has half of a surrogate pair (RFC 7493).
      expect(accepts(text), text).to.equal(allows(JSON.parse(text)) && !hasHalfPair(text));
    });
    fc.assert(property, { numRuns: numRuns(10_000), seed: seed() });
  });
});

function accepts(body: string): boolean {
  try {
    recordData(parseRequest('hca', 'add', Buffer.from(body)));
    return true;
  } catch (error) {
    if (error instanceof LazuliError && error.code === 'bad_request') return false;
    throw error;
  }
}
