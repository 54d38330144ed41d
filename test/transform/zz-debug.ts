import fc from 'fast-check';
import { openTestCatalog } from './computed.ts';
import { batches, notification, united, worlds } from './worlds.ts';
import { zoo } from './zoo.ts';
const all = fc.sample(fc.array(worlds(zoo), { minLength: 100, maxLength: 100, size: 'max' }), { numRuns: 1, seed: 4 })[0]!;
const world = united(all);
const catalog = await openTestCatalog(zoo);
const staged: string[] = [];
for (const number of batches) for (const version of [1, 2]) {
  const some = world.filter((h) => h.batch === number && h.normalizerVersion === version);
  const id = await catalog.stage(some.map(notification), version);
  console.log(id, some.length);
  staged.push(id);
}
await catalog.load(staged.slice(0, 1)); await catalog.load(staged);
console.log(await catalog.deadLetters.list({} as never));
console.log(await catalog.store.rows('select count(*), sum(selected::int) from bundles'));
console.log(await catalog.store.rows('select count(*) from entities'));
console.log(await catalog.store.rows('select * from batches'));
const links = await catalog.store.rows('select bundle_key, count(*) from bundles anti join entities using (bundle_key) group by all');
console.log('bundles without entities', links.length, 'additions without', world.filter((h) => h.action==='add' && h.contents.entities.length===0).length);
await catalog.close();
