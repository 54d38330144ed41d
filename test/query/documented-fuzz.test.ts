import { expect } from 'chai';
import * as fc from 'fast-check';
import { type Exporting, startExporting } from '../rigs/exports/exporting.ts';
import { conformanceTo } from '../rigs/http/conformance.ts';
import { requestsOf, type WireRequest } from '../rigs/http/requests.ts';
import { wireTo } from '../rigs/http/wire.ts';
import { expedition, herbarium, sheet } from '../rigs/models/herbarium.ts';
import { numRuns, seed } from '../rigs/property.ts';
import { type Service, startService } from '../rigs/service/harness.ts';

const documents = {
  sheets: [
    sheet(1, { title: 'Aster', bytes: 10, pressed: true, altitude: [[0, 1]] }),
    sheet(2, { age: [{ value: '3', unit: 'year' }], maps: [{ atlas: 'N', page: '1' }] }),
  ],
  expeditions: [expedition(3, { country: 'Chile' })],
};

/** One of each outcome, which chance alone may not come to. */
const examples = [
  ['GET', '/version'],
  ['OPTIONS', '/index/sheets'],
  ['GET', '/index/sheets?size=none'],
  ['GET', '/nowhere'],
  ['DELETE', '/index/sheets'],
].map(([method = '', path = '']): [WireRequest] => [{ method, path, headers: {}, body: undefined }]);

/** What drawn seeds have found. */
const found: readonly [WireRequest][] = [
  [{ method: 'POST', path: '/ga4gh/drs/v1/objects', headers: { 'Content-Type': 'text/plain' }, body: '{}' }],
];

describe('requests made from the OpenAPI document', () => {
  let service: Service;
  let exporting: Exporting;
  before(async () => {
    exporting = await startExporting();
    const checks = { elasticsearch: async () => ({ up: true }) };
    const exports = async () => exporting.exports;
    service = await startService({ plugin: herbarium, documents, deps: { checks, exports } });
  });
  after(async () => {
    await service[Symbol.asyncDispose]();
    await exporting[Symbol.asyncDispose]();
  });

  it('are answered as it says, never with a failure of the service', async function () {
    this.timeout(600_000);
    const document = (await service.get('/openapi')).body;
    const conforms = conformanceTo(document);
    const wire = wireTo(service.url);
    const seen = new Map<number, number>();
    const property = fc.asyncProperty(requestsOf(document), async (request: WireRequest) => {
      const { status, body } = await wire.send(request);
      seen.set(status, (seen.get(status) ?? 0) + 1);
      const told = JSON.stringify({ status, body }).slice(0, 2000);
      expect(status, told).to.be.below(500);
      expect(conforms({ ...request, status, body }), told).to.equal(undefined);
      if (status >= 400 && request.method !== 'HEAD') {
        expect(body).to.be.an('object').with.property('Message').that.is.a('string').with.length.within(1, 4_000);
      }
    });
    await fc
      .assert(property, { numRuns: numRuns(6_000), seed: seed(), examples: [...examples, ...found] })
      .finally(wire.close);
    expect([...seen.keys()]).to.include.members([200, 204, 400, 404, 405]);
  });
});
