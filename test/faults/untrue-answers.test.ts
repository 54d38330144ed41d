import { expect } from 'chai';
import { Pipeline } from './pipeline.ts';
import { partsOf } from './world.ts';

/** Answers that say nothing of what was asked, whether or not it was done. */
const untrue = [
  { when: 'before', status: 200, text: '{}' },
  { when: 'after', status: 200, text: '<!doctype html><title>Sign in</title>' },
] as const;

/** What the transform worker asks OpenSearch until a first generation serves. */
const requests = {
  listing: /GET .*_resolve/,
  creation: /PUT .*_hca_projects_g\d+$/,
  write: /POST \/_bulk/,
  refresh: /POST .*_refresh/,
  sums: /POST .*_projects_g\d+\/_search/,
  documents: /POST \/_mget/,
  mapping: /GET .*_projects_g\d+\/_mapping/,
  settings: /PUT .*_settings/,
  swap: /POST \/_aliases/,
};

describe('The index equals that of a clean run when answers of OpenSearch are none', function () {
  this.timeout(300_000);

  it('to any request of a rebuild, and to the writes and deletions after it', async () => {
    await using pipeline = await Pipeline.open();
    const [before = [], after = []] = partsOf(pipeline.world.notifications, 2);
    await pipeline.startIngest();
    await pipeline.notify(before);
    const applied = Object.entries(requests).map(([name, path]) => {
      const counts = untrue.map((one) => pipeline.search.add({ path, fault: { kind: 'body', ...one }, times: 1 }));
      return () => [name, counts.reduce((sum, count) => sum + count(), 0)];
    });
    await pipeline.startTransform();
    await pipeline.settled(200_000);
    const met = Object.fromEntries(applied.map((count) => count()));
    // A swap that was done is seen to be.
    const all = Object.fromEntries(Object.keys(requests).map((name) => [name, untrue.length]));
    expect(met).to.deep.equal({ ...all, swap: 2 });
    pipeline.search.clear();
    const writes = untrue.map((one) =>
      pipeline.search.add({ path: requests.write, fault: { kind: 'body', ...one }, times: 1 }),
    );
    await pipeline.notify(after);
    await pipeline.expectClean(60_000);
    expect(writes.map((count) => count())).to.deep.equal([1, 1]);
  });
});
