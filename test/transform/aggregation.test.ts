import { expect } from 'chai';
import fc from 'fast-check';
import { byCodePoint } from '../../core/config/text.ts';
import type { KnownLimits } from '../../core/documents/cuts.ts';
import type { MetadataPlugin } from '../../core/model/metadata.ts';
import { firstMismatch } from '../../transform/reference/mismatch.ts';
import { reducedDocuments } from '../../transform/reference/reduced.ts';
import { collectionDifferences, documentDifferences, type Members, report } from '../rigs/difference.ts';
import { zoo } from '../rigs/models/zoo.ts';
import { numRuns, seed } from '../rigs/property.ts';
import { openTestCatalog, storedCopies, type TestCatalog } from '../rigs/transform/computed.ts';
import { reduce } from '../rigs/transform/reducer.ts';
import { batches, notification, reducible, united, type World, worldOf, worlds } from '../rigs/transform/worlds.ts';
import { anyHca } from './any-hca.ts';

/** Worlds that one store holds at a time. */
const worldsAtOnce = 100;

/** So few that lists of many lengths are beyond them, and some of few texts. */
const known: KnownLimits = { values: 5, textBytes: 60 };

describe('Compiled aggregation agrees with the reference reducer', () => {
  for (const plugin of [zoo, anyHca]) {
    it(`on random bundles in any order: ${plugin.name}`, async function () {
      this.timeout(3_600_000);
      await check(plugin, 'apart', 10_000 / worldsAtOnce);
    });

    it(`on entities of hundreds of bundles: ${plugin.name}`, async function () {
      this.timeout(3_600_000);
      await check(plugin, 'shared', 20);
    });
  }
});

/** Hundreds of bundles take too long to shrink and to print: what differs is shown with its own world. */
async function check(plugin: MetadataPlugin, entities: 'apart' | 'shared', runs: number): Promise<void> {
  const some = fc.array(worlds(plugin), { minLength: worldsAtOnce, maxLength: worldsAtOnce, size: 'max' });
  const property = fc.asyncProperty(some, fc.infiniteStream(fc.nat()), async (all, order) => {
    const world = united(all, { entities });
    const { additions, masks } = reducible(plugin, world);
    const { documents, copies } = await arrived(plugin, world);
    const expected = reduce(plugin, additions, masks, known);
    explained(
      all,
      collectionDifferences(documents, expected, ({ _hash, ...ours }, { _rest, ...theirs }) =>
        documentDifferences(ours, { ...theirs, ...marks(theirs) }),
      ),
    );
    const again = await arrived(plugin, shuffled(world, order));
    explained(all, collectionDifferences(again.documents, documents, documentDifferences));
    expect(again.copies).to.deep.equal(copies);
  });
  const { errorInstance } = await fc.check(property, { numRuns: numRuns(runs), seed: seed(), endOnFailure: true });
  if (errorInstance !== null) throw errorInstance;
}

/** Documents, and what they are made of, after everything has arrived. */
async function arrived(plugin: MetadataPlugin, world: World) {
  const catalog = await openTestCatalog(plugin, undefined, undefined, known);
  try {
    await arrive(catalog, world);
    expect(await storedMismatches(catalog, plugin)).to.deep.equal([]);
    return { documents: await natural(catalog), copies: await storedCopies(catalog.store) };
  } finally {
    await catalog.close();
  }
}

/** Where what the reducer makes of stored rows differs from documents as they are indexed. */
async function storedMismatches(catalog: TestCatalog, plugin: MetadataPlugin): Promise<readonly unknown[]> {
  const types = Object.keys(plugin.entityTypes);
  const rows = await catalog.store.rows('SELECT DISTINCT entity_type, entity_id FROM entities');
  const entities = rows.map((row) => ({ type: types[Number(row.entity_type)] ?? '', id: String(row.entity_id) }));
  const sources = await catalog.sources();
  const reduced = await reducedDocuments(catalog.store, plugin, entities, known);
  return entities.flatMap(({ type, id }, i) => {
    const found = firstMismatch(sources.get(`${type}/${id}`) ?? null, reduced[i] ?? null);
    return found === null ? [] : [{ document: `${type}/${id}`, ...found }];
  });
}

/** Stages every batch, then loads the first one alone and the others together, the first one again among them. */
async function arrive(catalog: TestCatalog, world: World): Promise<void> {
  const staged: string[] = [];
  for (const number of batches) {
    const some = world.filter(({ batch }) => batch === number);
    if (some.length > 0) staged.push(await catalog.stage(some.map(notification)));
  }
  await catalog.load(staged.slice(0, 1));
  await catalog.load(staged);
}

/** In another order, in other batches, some twice. */
function shuffled(world: World, random: Iterator<number>): World {
  const next = (): number => random.next().value as number;
  return world
    .flatMap((happening) => (next() % 4 === 0 ? [happening, happening] : [happening]))
    .map((happening) => ({ happening: { ...happening, batch: next() % batches.length }, place: next() }))
    .sort((a, b) => a.place - b.place)
    .map(({ happening }) => happening);
}

/** Documents in natural JSON, with the marks that only the index has. */
async function natural(catalog: TestCatalog): Promise<ReadonlyMap<string, Members>> {
  const sources = await catalog.sources();
  const documents = await catalog.documents();
  return new Map([...documents].map(([name, document]) => [name, { ...document, ...marks(sources.get(name) ?? {}) }]));
}

function marks({ _hash, _nulls, _truncated }: Members): Members {
  return {
    ...(_hash === undefined ? {} : { _hash }),
    ...(Array.isArray(_nulls) ? { _nulls: [..._nulls].sort() } : {}),
    ...(Array.isArray(_truncated) ? { _truncated: _truncated.toSorted(byText) } : {}),
  };
}

const byText = (a: unknown, b: unknown): number => byCodePoint(JSON.stringify(a), JSON.stringify(b));

/** Fails with the differences of the first world that has any, and with that world where it stands alone. */
function explained(all: readonly World[], problems: readonly string[]): void {
  const [first] = problems;
  if (first === undefined) return;
  const number = worldOf(first);
  const own = problems.filter((problem) => worldOf(problem) === number || Number.isNaN(number));
  const world = Number.isNaN(number) ? '' : `, in\n${JSON.stringify(all[number])}`;
  expect.fail(`${report(own)}\nand ${problems.length - own.length} elsewhere${world}`);
}
