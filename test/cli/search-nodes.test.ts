import { expect } from 'chai';
import { clusterHealth } from '../../cli/engines/opensearch.ts';
import { until } from '../core/runtime/until.ts';
import { startSearchNodes } from '../search-nodes.ts';

describe('OpenSearch nodes of one cluster', function () {
  this.timeout(240_000);

  it('know each other, and the first goes on without the second', async () => {
    await using cluster = await startSearchNodes(2);
    const [first, second] = cluster.nodes;
    if (first === undefined || second === undefined) throw new Error('Not two nodes');
    const counts = async () => Promise.all([first, second].map(async ({ url }) => (await clusterHealth(url))?.nodes));
    expect(await counts()).to.deep.equal([2, 2]);
    second.child.kill();
    await until(async () => (await clusterHealth(first.url))?.nodes === 1, 60_000);
  });
});
