import { expect } from 'chai';
import { indexName } from '../../core/documents/index-layout.ts';
import { engines } from '../rigs/engines.ts';
import { herbarium, sheet } from '../rigs/models/herbarium.ts';
import { startService } from '../rigs/service/harness.ts';

describe('An index of more documents than OpenSearch counts by itself', () => {
  it('is answered about', async () => {
    await using service = await startService({ plugin: herbarium, documents: { sheets: [sheet(1, {})] } });
    const index = indexName({
      deployment: service.deployment,
      catalog: 'plants',
      entityType: 'sheets',
      generation: 1,
    });
    const others = await fetch(`${await engines.opensearch()}/${index}/_bulk?refresh=true`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-ndjson' },
      body: '{"index":{}}\n{}\n'.repeat(10_000),
    });
    expect(await others.json()).to.have.property('errors', false);
    const { status, body } = await service.get('/index/sheets');
    expect([status, body.pagination?.total]).to.deep.equal([200, 1]);
  });
});
