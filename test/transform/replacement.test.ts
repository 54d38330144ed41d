import { expect } from 'chai';
import fc from 'fast-check';
import { isWithin, type Restriction } from '../../core/config/sources.ts';
import type { BundleFqid } from '../../core/model/bundle.ts';
import { markOf, type RestagingProgress, Restagings } from '../../core/runs/restaging.ts';
import { everything } from '../../core/runs/run.ts';
import { unlisted } from '../../ingest/restaging/restaging.ts';
import { expectFewGone, Replacement } from '../../transform/restaging/replacement.ts';
import { Unconfirmed } from '../../transform/verification/failures.ts';
import { zoo } from '../rigs/models/zoo.ts';
import { numRuns, seed } from '../rigs/property.ts';
import { add, cages, otherSource, remove } from '../rigs/transform/cages.ts';
import { openTestCatalog, type TestCatalog, testCatalog } from '../rigs/transform/computed.ts';
import { stageBatch, type TestNotification, testSource } from '../rigs/transform/staging.ts';
import { notification, united, type World, worlds } from '../rigs/transform/worlds.ts';
import { minute, upkeepOf } from './upkeep.ts';

const limits = { memoryBytes: 400 * 2 ** 20, threads: 1 };
const run = '20260101T000000000Z-abcdef';
const sources = [testSource, otherSource];

/** Batches that are staged from now on are of another millisecond. @returns the one before */
async function later(): Promise<number> {
  const now = Date.now();
  while (Date.now() === now) await new Promise((resolve) => setImmediate(resolve));
  return now;
}

const replacementOf = ({ context, loading, objects }: TestCatalog) =>
  new Replacement(context, loading, new Restagings(objects, testCatalog));

async function arrive(catalog: TestCatalog, notifications: readonly TestNotification[]): Promise<void> {
  const staged: string[] = [];
  for (const one of notifications) staged.push(await catalog.stage([one]));
  await catalog.load(staged);
}

/** Merges what may be merged while a run goes on that began then, and deletes what isn't needed any more. */
async function tidied(catalog: TestCatalog, cut: number | null): Promise<void> {
  const upkeep = upkeepOf(catalog, 2 * minute, cut);
  while (await upkeep.step());
  await upkeep.tidy();
}

interface Restaging {
  readonly options: Restriction;
  readonly since: number;
  /** in two batches */
  readonly set: readonly TestNotification[];
  readonly kept?: readonly { readonly source: string; readonly uuid: string }[];
}

/** Stages a set aside, and has it take the place of what was staged before. */
async function replaced(catalog: TestCatalog, { options, since, set, kept = [] }: Restaging) {
  const restagings = new Restagings(catalog.objects, testCatalog);
  await restagings.want(run, options);
  const batches: string[] = [];
  for (const half of [set.slice(0, set.length / 2), set.slice(set.length / 2)])
    if (half.length > 0) batches.push(await stageBatch(catalog.objects, zoo, testCatalog, half, markOf(run)));
  const listed = sources.filter((source) => isWithin(source, options));
  const progress = {
    ...{ ...unlisted, phase: 'staged' as const, batches, kept: [...kept] },
    sources: listed.map(({ id, spec }) => ({ source: id, spec, expected: 0, done: 0, failed: 0 })),
  } satisfies RestagingProgress;
  const whole = { run, options: { ...everything, ...options }, since, progress };
  const replacement = replacementOf(catalog);
  await catalog.load(await catalog.staged.unloaded());
  const { part, vanished } = await replacement.compare(whole);
  expect(await replacement.isDone(run)).to.equal(false);
  await replacement.replace(whole, part);
  expect(await replacement.isDone(run)).to.equal(true);
  await catalog.load(await catalog.staged.unloaded());
  await restagings.withdraw(run);
  return vanished;
}

/** Rows of the store, whatever their keys are; masks may be noted more than once. */
async function contents({ store }: TestCatalog): Promise<unknown> {
  const tables = ['bundles', 'entities', 'members', 'row_ids', 'animals'];
  const counts = tables.map((table) => `SELECT '${table}' AS t, count(*)::INTEGER AS n FROM ${table}`);
  return store.rows(`${counts.join(' UNION ALL ')} ORDER BY t`);
}

/** Documents, whatever hashes they have. */
async function documentsOf(catalog: TestCatalog): Promise<unknown> {
  return new Map([...(await catalog.sources())].map(([key, { _hash, ...rest }]) => [key, rest]));
}

const state = async (catalog: TestCatalog) => [await contents(catalog), await documentsOf(catalog)];

describe('What a run has staged anew', () => {
  it('takes the place of what was staged before, and of nothing else, whatever is merged meanwhile', async function () {
    this.timeout(3_600_000);
    const some = fc.array(worlds(zoo), { minLength: 8, maxLength: 8, size: 'max' });
    const restriction = fc.record({
      source: fc.constantFrom(null, null, testSource.id, 'test:2*', 'no*such'),
      prefix: fc.constantFrom('', '', '3', '7-bundle'),
    });
    const cuts = fc.tuple(fc.nat(), fc.nat(), fc.boolean(), fc.nat(3));
    await fc.assert(
      fc.asyncProperty(some, restriction, cuts, async (all, options, [first, second, merges, keep]) => {
        const world = united(all, { entities: 'shared' }).map(inListedSource);
        const [before, set, after] = threeOf(world, first, second);
        const catalog = await openTestCatalog(zoo, limits);
        const plain = await openTestCatalog(zoo, limits);
        try {
          const isOfRun = ({ source, uuid }: BundleFqid): boolean =>
            isWithin(source, options) && uuid.startsWith(options.prefix);
          const kept = before.slice(0, keep).map(({ fqid: { source, uuid } }) => ({ source: source.id, uuid }));
          const isKept = ({ source, uuid }: BundleFqid): boolean =>
            kept.some((one) => one.source === source.id && one.uuid === uuid);
          const restaged = set
            .filter(({ action, fqid }) => action === 'add' && isOfRun(fqid) && !isKept(fqid))
            .map(notification);
          await arrive(catalog, before.map(notification));
          const since = await later();
          await arrive(catalog, after.map(notification));
          if (merges) await tidied(catalog, since);
          await replaced(catalog, { options, since, set: restaged, kept });
          const stays = before.filter(({ fqid }) => !isOfRun(fqid) || isKept(fqid));
          await arrive(plain, [...stays.map(notification), ...restaged, ...after.map(notification)]);
          const expected = await state(plain);
          expect(await state(catalog)).to.deep.equal(expected);
          await tidied(catalog, null);
          expect(await state(catalog)).to.deep.equal(expected);
          const fresh = await openTestCatalog(zoo, limits, catalog);
          await fresh.load(await fresh.staged.unloaded());
          expect(await state(fresh)).to.deep.equal(expected);
          await fresh.close();
        } finally {
          await Promise.all([catalog.close(), plain.close()]);
        }
      }),
      { numRuns: numRuns(40), seed: seed(), endOnFailure: true },
    );
  });

  let catalog: TestCatalog;
  beforeEach(async () => {
    catalog = await openTestCatalog(zoo, limits);
  });
  afterEach(() => catalog.close());

  const one = (uuid: string, cage: string, source = testSource) =>
    add({ source, uuid, version: '1', cages: { [cage]: [{ id: uuid }] } });
  const touched = async () =>
    (await catalog.store.rows('SELECT entity_id FROM outbox ORDER BY entity_id')).map((row) => row.entity_id);

  it('touches documents of bundles alone that have changed', async () => {
    await arrive(catalog, [
      one('a', 'same'),
      one('b', 'gone'),
      one('c', 'deleted'),
      remove({ uuid: 'c', version: '1' }),
    ]);
    await catalog.store.run('DELETE FROM outbox');
    const since = await later();
    const set = [one('a', 'same'), one('c', 'deleted'), one('d', 'come')];
    expect(await replaced(catalog, { options: everything, since, set })).to.deep.equal({ before: 2, vanished: 1 });
    expect(await touched()).to.deep.equal(['come', 'deleted', 'gone']);
    expect(Object.keys(await cages(catalog)).sort()).to.deep.equal(['come', 'deleted', 'same']);
  });

  it('is a copy of its own, though one from before would count for more', async () => {
    const named = (name: string) => add({ uuid: 'a', version: '1', cages: { x: [{ id: 'a', values: { name } }] } });
    const nameOf = async () => (await cages(catalog)).x?.[0];
    for (const [old, fresh] of [
      ['Ada', 'Bob'],
      ['Bob', 'Ada'],
    ] as const) {
      await arrive(catalog, [named(old)]);
      await replaced(catalog, { options: everything, since: await later(), set: [named(fresh)] });
      expect(await nameOf()).to.deep.equal([fresh]);
    }
  });

  it('has what the repository says beside a bundle, and the name of its source, though the bundle is the same', async () => {
    const { fqid, ...rest } = one('a', 'x');
    await arrive(catalog, [{ ...rest, fqid, attributes: { drs_domain: 'old' } }]);
    const bundles = 'SELECT source_spec, attributes FROM bundles';
    for (const [spec, domain] of [
      ['test:/1', 'old'],
      ['test:/1', 'new'],
    ] as const) {
      await catalog.store.run('DELETE FROM outbox');
      const source = { ...testSource, spec };
      const set = [{ ...rest, fqid: { ...fqid, source }, attributes: { drs_domain: domain } }];
      await replaced(catalog, { options: everything, since: await later(), set });
      const attributes = JSON.stringify({ drs_domain: domain });
      expect(await catalog.store.rows(bundles)).to.deep.equal([{ source_spec: spec, attributes }]);
      expect(await touched()).to.deep.equal(['x']);
    }
  });

  it('does not count before it is whole, nor where the run was given up; then it goes', async () => {
    await arrive(catalog, [one('a', 'x')]);
    const restagings = new Restagings(catalog.objects, testCatalog);
    await restagings.want(run, everything);
    const aside = await stageBatch(catalog.objects, zoo, testCatalog, [one('b', 'y')], markOf(run));
    const before = (await catalog.staged.standings()).live;
    expect((await catalog.staged.standings()).aside).to.deep.equal([aside]);
    expect(await catalog.staged.unloaded()).to.deep.equal([]);
    await tidied(catalog, null);
    expect((await catalog.staged.standings()).aside).to.deep.equal([aside]);
    await restagings.withdraw(run);
    await tidied(catalog, null);
    const { live, aside: left } = await catalog.staged.standings();
    expect([live, left]).to.deep.equal([before, []]);
  });

  it('is not compared with what is kept of it, or comes later', async () => {
    await arrive(catalog, [one('a', 'x'), one('b', 'x'), one('c', 'x'), one('d', 'x', otherSource)]);
    const since = await later();
    await arrive(catalog, [one('b', 'x')]);
    const kept = [{ source: testSource.id, uuid: 'c' }];
    const options = { source: testSource.id, prefix: '' };
    expect(await replaced(catalog, { options, since, set: [], kept })).to.deep.equal({ before: 3, vanished: 1 });
  });

  it('waits for a yes where more than one of a hundred bundles would vanish', () => {
    expectFewGone({ before: 100, vanished: 1 });
    expectFewGone({ before: 0, vanished: 0 });
    expect(() => expectFewGone({ before: 100, vanished: 2 })).to.throw(Unconfirmed, /list 2 of 100 bundles/);
    expect(() => expectFewGone({ before: 1, vanished: 1 })).to.throw(Unconfirmed, /list 1 of 1 bundles/);
  });

  it('is refused where anything of it is damaged', async () => {
    const batch = await stageBatch(catalog.objects, zoo, testCatalog, [one('b', 'y')], markOf(run));
    await catalog.objects.put(`${testCatalog}/animals/${batch}.parquet`, Buffer.from('damaged'));
    const progress = { ...unlisted, batches: [batch] };
    const compared = replacementOf(catalog).compare({ run, options: everything, since: 0, progress });
    const { code } = (await compared.catch((error: unknown) => error)) as { readonly code: string };
    expect(code).to.equal('batch_damaged');
  });
});

/** Sources are called many things in a world: here all begin as the repository's list has it, which restrictions go by. */
function inListedSource({ fqid, ...rest }: World[number]): World[number] {
  const { id, spec } = fqid.source;
  const listed = sources.find((source) => source.id === id)?.spec ?? '';
  return { ...rest, fqid: { ...fqid, source: { id, spec: `${listed}${spec}` } } };
}

function threeOf(world: World, first: number, second: number): readonly [World, World, World] {
  const [from, to] = [first % (world.length + 1), second % (world.length + 1)].sort((a, b) => a - b) as [
    number,
    number,
  ];
  return [world.slice(0, from), world.slice(from, to), world.slice(to)];
}
