import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { indexName } from '../../core/documents/index-layout.ts';
import { createGeneration } from '../../transform/generations/indices.ts';
import { openSearchCluster } from '../../transform/sink/search-cluster.ts';
import { countOf, indexedSums } from '../../transform/verification/sums.ts';
import { engines } from '../rigs/engines.ts';
import { orchard } from '../rigs/models/orchard.ts';

/** More than the engine gives sums of in one answer. */
const number = 4000;
const entityType = 'trees';

describe('Verification of a catalog of very many sources', function () {
  this.timeout(60_000);

  it('sums up the documents of each', async () => {
    const cluster = openSearchCluster(await engines.opensearch());
    const deployment = `t${randomUUID().replaceAll('-', '').slice(0, 12)}`;
    const of = { cluster, deployment, catalog: 'test', plugin: orchard };
    try {
      await createGeneration(of, 1);
      const index = indexName({ ...of, entityType, generation: 1 });
      const lines = Array.from({ length: number }, (_, i) => [
        { index: { _id: `tree ${i}` } },
        { entity_id: `tree ${i}`, sources: [{ id: `source ${i}`, spec: 'test:' }], _hash: i },
      ]).flat();
      const body = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
      await cluster.request('POST', `/${index}/_bulk`, body, { refresh: 'true' });
      const sums = await indexedSums(of, [], 1);
      expect(countOf(sums)).to.equal(number);
      const hashes = [...sums.values()].reduce((sum, one) => sum + one.hashes, 0);
      expect(hashes).to.equal((number * (number - 1)) / 2);
    } finally {
      await cluster.request('DELETE', `/lazuli_${deployment}_*`);
      await cluster.close();
    }
  });
});
