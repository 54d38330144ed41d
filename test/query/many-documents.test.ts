import { expect } from 'chai';
import { herbarium, sheet } from '../rigs/models/herbarium.ts';
import { startService } from '../rigs/service/harness.ts';

/** More than OpenSearch counts by itself. */
const number = 10_050;

describe('An index of more documents than OpenSearch counts by itself', () => {
  it('is listed, with all of them counted, by facets and in the summary, too', async () => {
    const sheets = Array.from({ length: number }, (_, i) => sheet(i, {}));
    await using service = await startService({
      plugin: herbarium,
      documents: { sheets, expeditions: [], drawers: [] },
    });
    const list = await service.get('/index/sheets?size=2');
    expect(list.status, JSON.stringify(list.body).slice(0, 500)).to.equal(200);
    expect(list.body.pagination.total).to.equal(number);
    const next = await service.get(list.body.pagination.next.slice(list.body.pagination.next.indexOf('/index')));
    expect(next.body.hits).to.have.length(2);
    expect((await service.get('/index/summary')).status).to.equal(200);
  }).timeout(120_000);
});
