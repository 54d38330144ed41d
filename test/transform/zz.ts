import { documentStatements } from '../../transform/aggregate/documents.ts';
import { planOf } from '../../transform/aggregate/plan.ts';
import { fragmentsStatement } from '../../transform/aggregate/fragments.ts';
import fc from 'fast-check';
import { collectionDifferences, documentDifferences, type Members } from '../difference.ts';
import { openTestCatalog } from './computed.ts';
import { reduce } from './reducer.ts';
import { batches, notification, reducible, united, worldOf, worlds } from './worlds.ts';
import { zoo } from './zoo.ts';
for (let seed = 1; seed < 40; seed++) {
  const all = fc.sample(fc.array(worlds(zoo), { minLength: 100, maxLength: 100, size: 'max' }), { numRuns: 1, seed })[0] ?? [];
  const world = united(all);
  const r = reducible(zoo, world);
  const expected = reduce(zoo, r.additions, r.deletions);
  const c = await openTestCatalog(zoo);
  const staged: string[] = [];
  for (const n of batches) staged.push(await c.stage(world.filter((h) => h.batch === n).map(notification)));
  await c.load(staged);
  const docs = await c.documents();
  const problems = collectionDifferences(docs as never, expected, (a: Members, b) => documentDifferences({ ...a, _nulls: b._nulls, _truncated: b._truncated }, b as never));
  const p = problems.find((x) => x.includes('sightings'));
  if (p) {
    console.log(seed, p);
    const name = p.split(':')[0]!;
    const id = name.slice(name.indexOf('/') + 1);
    const src = (await c.sources()).get(name)!;
    console.log(JSON.stringify((src as any).contents.animals));
    await c.store.run(`CREATE OR REPLACE TEMP TABLE wanted AS SELECT (row_number() OVER () - 1)::INTEGER AS doc, entity_type, entity_id FROM (SELECT DISTINCT entity_type, entity_id FROM entities)`);
    const plan = planOf(zoo);
    for (const st of documentStatements(zoo, plan)) { await c.store.run(st); if (st.includes('TEMP TABLE fragments')) break; }
    const bad = await c.store.rows(`select role, surroundings, json from fragments where json like '%sightings":{%"\\\\":%'`);
    console.log(bad.length, String(bad[0]?.json).slice(0, 900));
    const st = fragmentsStatement(zoo, plan);
    const sel = st.slice(st.indexOf('FROM (') + 6, st.lastIndexOf(') GROUP BY'));
    const one = sel.split('UNION ALL').find((x) => x.includes('sightings'))!;
    console.log(one);
    for (const v of [one, `select *, '' as nulls from (select role, surroundings, j as json from (SELECT 0 as role, r.surroundings, sightings::varchar || '{' || array_to_string(list_transform(sightings, lambda c: to_json(c."key")::VARCHAR || ':' || c."count"), ',') || '}' as j FROM role_rows r JOIN main."animals" t ON t.bundle_key = r.bundle_key AND t."row" = r."row" WHERE r.role = ${bad[0]!.role}))`,
    `SELECT r.surroundings, to_json(list_transform(sightings, lambda c: to_json(c."key")))::VARCHAR as json FROM role_rows r JOIN main."animals" t ON t.bundle_key = r.bundle_key AND t."row" = r."row" WHERE r.role = ${bad[0]!.role}`,
    `SELECT r.surroundings, to_json(sightings)::VARCHAR as json FROM role_rows r JOIN main."animals" t ON t.bundle_key = r.bundle_key AND t."row" = r."row" WHERE r.role = ${bad[0]!.role}`,
    `SELECT r.surroundings, list_transform(sightings, lambda c: c."key" || 'x')::VARCHAR as json FROM role_rows r JOIN main."animals" t ON t.bundle_key = r.bundle_key AND t."row" = r."row" WHERE r.role = ${bad[0]!.role}`,
    ]) {
      const rr = await c.store.rows(`select json from (${v}) where surroundings = ${bad[0]!.surroundings}`);
      console.log('---', rr.map((x) => String(x.json).replace(/.*sightings/, '').slice(0, 200)));
    }
    console.log(JSON.stringify(all[worldOf(p)]!.flatMap((h) => h.contents.rows.filter((x) => x.table === 'animals').map((x) => x.values.sightings))));
    await c.close();
    break;
  }
  await c.close();
}
