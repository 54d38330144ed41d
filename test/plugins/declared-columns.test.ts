import { expect } from 'chai';
import fc from 'fast-check';
import type { Document, MetadataPlugin } from '../../core/model/metadata.ts';
import { firstMismatch } from '../../transform/reference/mismatch.ts';
import { reducedDocuments } from '../../transform/reference/reduced.ts';
import { seed } from '../rigs/property.ts';
import { type Service, startService, withFilters } from '../rigs/service/harness.ts';
import { openTestCatalog, type TestCatalog } from '../rigs/transform/computed.ts';
import { notification, united, worlds } from '../rigs/transform/worlds.ts';
import { anyColumns, anyUses, modelOf, refusal, type UsedColumn } from './declared-columns.ts';

/** Columns of one model: a role has 62 fields at most, and a table 31 optional columns. */
const together = 56;
/** Worlds of a few bundles each. */
const worldsTogether = 5;

/** Of each column that is accepted, the most that it may be used for. */
function accepted(): readonly UsedColumn[] {
  return [...anyColumns()].flatMap((column) => {
    const use = anyUses('a').find((one) => refusal(modelOf({ a: { column, use: one } })) === null);
    return use === undefined ? [] : [{ column, use }];
  });
}

function models(): readonly MetadataPlugin[] {
  const plain = accepted().filter(({ column }) => column.aggregate?.kind !== 'single');
  const grouping = accepted().filter(({ column }) => column.aggregate?.kind === 'single');
  const parts = [plain, grouping].flatMap((some) =>
    Array.from({ length: Math.ceil(some.length / together) }, (_, i) => some.slice(i * together, (i + 1) * together)),
  );
  return parts.map((part) => {
    const columns = part.map(({ column, use }, i) => {
      const name = `c${i}`;
      return [name, { column, use: use.api === undefined ? use : { ...use, api: name } }] as const;
    });
    return modelOf(Object.fromEntries(columns));
  });
}

describe('Columns of any type, with any aggregate', () => {
  it('are refused by their name, table and type, or accepted', () => {
    for (const column of anyColumns()) {
      for (const use of anyUses('a')) {
        const message = refusal(modelOf({ a: { column, use } }));
        if (message !== null)
          expect(message).to.match(/^Metadata plug-in 'zoo': .*(?:things\.a|things is grouped by 'a')/);
      }
    }
    expect(accepted()).to.have.length.within(80, 200);
  });

  for (const [i, plugin] of models().entries()) {
    it(`work from staging to searching where they are accepted: part ${i + 1}`, async function () {
      this.timeout(600_000);
      expect(refusal(plugin)).to.equal(null);
      const catalog = await openTestCatalog(plugin);
      try {
        const world = united(fc.sample(worlds(plugin), { seed: seed() + i, numRuns: worldsTogether }), {
          entities: 'apart',
        });
        await catalog.add(world.map(notification));
        await expectReduced(catalog, plugin);
        await expectSearchable(plugin, await catalog.documents());
      } finally {
        await catalog.close();
      }
    });
  }
});

/** The SQL and the reducer agree. */
async function expectReduced(catalog: TestCatalog, plugin: MetadataPlugin): Promise<void> {
  const types = Object.keys(plugin.entityTypes);
  const rows = await catalog.store.rows('SELECT DISTINCT entity_type, entity_id FROM entities');
  const entities = rows.map((row) => ({ type: types[Number(row.entity_type)] ?? '', id: String(row.entity_id) }));
  const sources = await catalog.sources();
  const reduced = await reducedDocuments(catalog.store, plugin, entities);
  for (const [i, { type, id }] of entities.entries()) {
    const found = firstMismatch(sources.get(`${type}/${id}`) ?? null, reduced[i] ?? null);
    expect(found && { ...found, column: plugin.tables.things?.columns[found.path.split('.').at(2) ?? ''] }).to.equal(
      null,
    );
  }
}

/** Each field can be a filter, a facet and a sort. */
async function expectSearchable(plugin: MetadataPlugin, all: ReadonlyMap<string, Document>): Promise<void> {
  const of = (type: string) => [...all].flatMap(([key, document]) => (key.startsWith(`${type}/`) ? [document] : []));
  const types = Object.keys(plugin.entityTypes);
  const documents = Object.fromEntries(types.map((type) => [type, of(type)]));
  const service = await startService({ plugin, documents });
  try {
    for (const type of types) {
      const { termFacets, hits } = await answer(service, `/index/${type}?size=100`);
      expect(hits.length, type).to.be.above(0);
      const names = Object.values(plugin.roles.things?.fields ?? {}).flatMap(({ api }) =>
        api === undefined ? [] : [api],
      );
      for (const name of names) {
        await answer(service, `/index/${type}?size=1&sort=${name}`);
        await answer(service, `/index/${type}${withFilters({ [name]: { is: [null] } }, { size: '1' })}`);
        const { term, count } = termFacets[name]?.terms[0] ?? { term: null, count: null };
        if (count === null) continue;
        const found = await answer(service, `/index/${type}${withFilters({ [name]: { is: [term] } }, { size: '1' })}`);
        expect(found.pagination.total, `${type}.${name}`).to.be.above(0);
      }
    }
  } finally {
    await service[Symbol.asyncDispose]();
  }
}

async function answer(service: Service, path: string) {
  const { status, body } = await service.get(path);
  expect(status, `${path}: ${JSON.stringify(body).slice(0, 500)}`).to.equal(200);
  return body;
}
