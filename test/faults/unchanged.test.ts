import { expect } from 'chai';
import { ask } from './indexed.ts';
import { Pipeline } from './pipeline.ts';
import { partsOf } from './world.ts';

interface Stats {
  readonly _all: { readonly total: { readonly indexing: { readonly index_total: number } } };
}

/** How many documents OpenSearch has taken, tombstones too. */
async function written({ opensearch, settings }: Pipeline): Promise<number> {
  const stats = (await ask(opensearch, 'GET', `/lazuli_${settings.deployment}_*/_stats/indexing`)) as Stats;
  return stats._all.total.indexing.index_total;
}

describe('Notifications that change nothing', function () {
  this.timeout(180_000);

  it('cost OpenSearch nothing, but once after a restart; what changes is written', async () => {
    await using pipeline = await Pipeline.open();
    const [first = [], second = []] = partsOf(pipeline.world.notifications, 2);
    await pipeline.start();
    await pipeline.notify(first);
    await pipeline.settled();
    const once = await written(pipeline);
    expect(once).to.be.greaterThan(0);
    await pipeline.notify(first);
    await pipeline.settled();
    expect(await written(pipeline)).to.equal(once);

    // A worker before this one may have written something else meanwhile.
    await pipeline.stop('transform');
    await pipeline.startTransform();
    await pipeline.notify(first);
    await pipeline.settled();
    const again = await written(pipeline);
    expect(again).to.be.greaterThan(once);

    await pipeline.notify(second);
    await pipeline.expectClean();
    expect(await written(pipeline)).to.be.greaterThan(again);
  });
});
