import { expect } from 'chai';
import { indexBody } from '../../core/documents/index-layout.ts';
import type { Column, MetadataPlugin } from '../../core/model/metadata.ts';
import { indexFields } from '../../plugins/declared/index-fields.ts';
import { hca } from '../../plugins/metadata/hca/plugin.ts';
import { engines } from '../rigs/engines.ts';
import { zoo } from '../rigs/models/zoo.ts';
import { anyColumns, anyUses, modelOf, refusal } from './declared-columns.ts';

interface Mapped {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Mapped>>;
  readonly fields?: Readonly<Record<string, Mapped>>;
}

/** Fields of a mapping. */
const fieldsOf = ({ properties = {}, fields = {} }: Mapped): number =>
  [...Object.values(properties), ...Object.values(fields)].reduce((n, inner) => n + 1 + fieldsOf(inner), 0);

/** Those that an index has whatever is declared. */
const own = 22;

/** Every kind of column that is accepted, alone, for the most that it may be used for. */
const oneColumn = (): readonly MetadataPlugin[] =>
  [...anyColumns()].flatMap((column) => {
    const models = anyUses('a').map((use) => modelOf({ a: { column, use } }));
    return models.find((model) => refusal(model) === null) ?? [];
  });

/** Entity types that show so many roles of texts that can be found, and one of numbers that can't. */
function manyTexts(roles: number, numbers: number): MetadataPlugin {
  const columns = (count: number, column: Column) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`c${i}`, column]));
  const tables = {
    texts: { columns: columns(60, { type: 'string' }) },
    numbers: { columns: columns(numbers, { type: 'int' }) },
  };
  const names = Array.from({ length: roles }, (_, i) => `r${i}`);
  const role = (table: string) => ({ tables: { [table]: 'columns' as const }, whenEmpty: 'list' as const });
  return {
    ...zoo,
    tables,
    roles: { ...Object.fromEntries(names.map((name) => [name, role('texts')])), few: role('numbers') },
    entityTypes: {
      things: { roles: { ...Object.fromEntries(names.map((name) => [name, 'list'])), few: 'list' }, computed: {} },
    },
    implicitHub: 'things',
  };
}

/** Objects whose members can be found. */
function manyObjects(count: number): MetadataPlugin {
  const column: Column = { type: 'object', members: { a: 'int' } };
  return modelOf(Object.fromEntries(Array.from({ length: count }, (_, i) => [`c${i}`, { column, use: {} }])));
}

/** Whether OpenSearch makes the index of an entity type. @param most fields that it is told to take */
async function isMade(plugin: MetadataPlugin, entityType: string, most: number): Promise<boolean> {
  const index = `${await engines.opensearch()}/lazuli_index_fields`;
  const body = JSON.stringify(indexBody(plugin, entityType, { 'mapping.total_fields.limit': most }));
  const headers = { 'content-type': 'application/json' };
  await fetch(index, { method: 'DELETE' });
  const { ok } = await fetch(index, { method: 'PUT', headers, body });
  await fetch(index, { method: 'DELETE' });
  return ok;
}

describe('The fields of an index', () => {
  it('are counted as they are made', () => {
    for (const plugin of [zoo, hca, ...oneColumn()]) {
      for (const type of Object.keys(plugin.entityTypes)) {
        const { properties } = indexBody(plugin, type, {}).mappings;
        expect(indexFields(plugin, type), `${plugin.name}: ${type}`).to.equal(fieldsOf({ properties }) - own);
      }
    }
  });

  it('are counted as OpenSearch counts them', async function () {
    this.timeout(180_000);
    for (const [plugin, type] of [[zoo, 'cages'] as const, [hca, 'files'] as const]) {
      const most = indexFields(plugin, type) + own;
      expect([await isMade(plugin, type, most), await isMade(plugin, type, most - 1)]).to.deep.equal([true, false]);
    }
  });

  it('are refused where OpenSearch takes no more, texts counted twice', async function () {
    this.timeout(180_000);
    const [most, more] = [manyTexts(7, 60), manyTexts(8, 60)];
    expect(indexFields(most, 'things')).to.equal(7 * 123 + 63);
    expect([refusal(most), await isMade(most, 'things', 1000)]).to.deep.equal([null, true]);
    expect(refusal(more)).to.equal(
      "Metadata plug-in 'zoo': documents of things have 1047 fields: an index takes 950, and a text that can be found is two",
    );
    expect(await isMade(more, 'things', 1000)).to.equal(false);
  });

  it('are refused where too many are of objects whose members can be found', async function () {
    this.timeout(180_000);
    const [most, more] = [manyObjects(50), manyObjects(51)];
    expect([refusal(most), await isMade(most, 'crowds', 1000)]).to.deep.equal([null, true]);
    expect(refusal(more)).to.contain('documents of crowds have 51 fields of objects with members: an index takes 50');
    expect(await isMade(more, 'crowds', 1000)).to.equal(false);
  });
});
