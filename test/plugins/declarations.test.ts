import { expect } from 'chai';
import { LazuliError } from '../../config/errors.ts';
import { checkDeclarations } from '../../plugins/declarations.ts';
import { reservedTables } from '../../plugins/declared/names.ts';
import { defaultEnvelope } from '../../plugins/envelope.ts';
import {
  type Column,
  type Computed,
  drop,
  type EntityType,
  type FieldUse,
  type MetadataPlugin,
  setOf,
} from '../../plugins/metadata.ts';
import { metadataPlugin, repositoryPlugin } from '../../plugins/registry.ts';
import { storeSchema } from '../../transform/store/schema.ts';
import { zoo } from '../transform/zoo.ts';

/** The zoo, with these uses of the fields of keepers. */
const keepersWith = (fields: Readonly<Record<string, FieldUse>>) => ({
  ...zoo.roles,
  keepers: { tables: { keepers: 'columns' as const }, whenEmpty: 'list' as const, fields },
});

const food: Computed = { kind: 'sum', role: 'animals', column: 'food_grams' };
/** The zoo, with a table of such a column. */
const withColumn = (name: string, column: Column, others: Readonly<Record<string, Column>> = {}) => ({
  ...zoo.tables,
  beasts: { columns: { [name]: column, ...others } },
});
const cages = zoo.entityTypes.cages as EntityType;
const cagesWith = (computed: EntityType['computed']) => ({ ...zoo.entityTypes, cages: { ...cages, computed } });
const served = { sort: 'entryId', order: 'asc', maxPage: 10, access: 'public', showsBundles: false } as const;
const servedBy = (changed: Partial<EntityType['served']>) => ({
  ...zoo.entityTypes,
  cages: { ...cages, served: { ...served, ...changed } },
});

describe('declarations of a metadata plug-in', () => {
  it('keep the names of the tables of the store for the core', () => {
    const tables = storeSchema({ ...zoo, tables: {} }).map((statement) => /^CREATE TABLE "?(\w+)/.exec(statement)?.[1]);
    expect(tables).to.include('ledger');
    expect(reservedTables).to.include.members(tables);
  });

  it('are accepted where they are consistent', () => {
    expect(() => checkDeclarations(zoo)).not.to.throw();
  });

  const cases: Readonly<Record<string, [Partial<MetadataPlugin>, RegExp]>> = {
    'a reserved table': [{ tables: { ...zoo.tables, members: { columns: {} } } }, /table can't be called 'members'/],
    'a reserved column': [
      { tables: { ...zoo.tables, beasts: { columns: { absent: { type: 'int' } } } } },
      /column of beasts can't be called 'absent'/,
    ],
    'a role over a missing table': [
      { roles: { ...zoo.roles, ghosts: { tables: { ghosts: 'columns' }, whenEmpty: 'list' } } },
      /tables that aren't declared: ghosts/,
    ],
    'a group by a missing field': [
      { roles: { ...zoo.roles, herds: { tables: { animals: 'columns' }, groupBy: ['colour'], whenEmpty: 'list' } } },
      /role herds has no field 'colour'/,
    ],
    'one API name for two fields': [
      {
        roles: {
          ...zoo.roles,
          keepers: {
            tables: { keepers: 'columns' },
            whenEmpty: 'list',
            fields: { name: { api: 'x' }, skills: { api: 'x' } },
          },
        },
      },
      /API name 'x'/,
    ],
    'a name of every document for a field': [
      {
        envelope: { ...defaultEnvelope, 'sources.id': 'keeperSkill' },
        roles: keepersWith({ skills: { api: 'keeperSkill' } }),
      },
      /API name 'keeperSkill' stands for fields of every document and keepers/,
    ],
    'a field that is called as the synthetic one': [
      { roles: keepersWith({ skills: { api: 'accessible' } }) },
      /API name 'accessible'/,
    ],
    'a summary of what is not there': [
      { summary: { moons: { measure: 'documents', of: 'moons' } } },
      /summary counts documents of moons, which is no entity type/,
    ],
    'a summary of a field that documents do not have': [
      { summary: [{ measure: 'sum', of: 'cages', field: 'keepers.moons', where: { field: 'moon', nonZero: true } }] },
      /summary reads 'keepers.moons', which documents of cages don't have; the summary reads 'moon'/,
    ],
    'a summary that lists numbers': [
      { summary: { weights: { measure: 'terms', of: 'cages', field: 'animals.weight' } } },
      /summary lists the values of 'animals.weight', which are not strings/,
    ],
    'a column of the store': [{ tables: withColumn('bundle_key', { type: 'int' }) }, /can't be called 'bundle_key'/],
    'a table of the store': [
      { tables: { ...zoo.tables, ledger: { columns: {} } } },
      /a table can't be called 'ledger'/,
    ],
    'a table with capitals': [
      { tables: { ...zoo.tables, Beasts: { columns: {} } } },
      /a table can't be called 'Beasts'/,
    ],
    'a table with a quote': [{ tables: { ...zoo.tables, 'a"b': { columns: {} } } }, /a table can't be called 'a"b'/],
    'a table without a name': [{ tables: { ...zoo.tables, '': { columns: {} } } }, /a table can't be called ''/],
    'a table called like a member of every object': [
      { tables: { ...zoo.tables, constructor: { columns: {} } } },
      /a table can't be called 'constructor'/,
    ],
    'a very long column': [
      { tables: withColumn('x'.repeat(64), { type: 'int' }) },
      /column of beasts can't be called 'x{64}'/,
    ],
    'a column of no type': [{ tables: withColumn('x', { type: 'date' as 'int' }) }, /beasts.x is of type 'date'/],
    'a list of counts': [
      { tables: withColumn('x', { type: 'counts', list: true, aggregate: { kind: 'frequency', limit: 1 } }) },
      /beasts.x is a list of counts/,
    ],
    'counts that make a set': [{ tables: withColumn('x', { type: 'counts' }) }, /beasts.x has counts, which need/],
    'members of a text': [
      { tables: withColumn('x', { type: 'string', members: { a: 'int' } }) },
      /beasts.x has members/,
    ],
    'members that are objects': [
      { tables: withColumn('x', { type: 'object', members: { a: 'object' } }) },
      /beasts.x has a member 'a' of type object/,
    ],
    'the least of ranges': [
      { tables: withColumn('x', { type: 'range', aggregate: { kind: 'min' } }) },
      /beasts.x is range, of which there is no min/,
    ],
    'the greatest of truths': [
      { tables: withColumn('x', { type: 'bool', aggregate: { kind: 'max' } }) },
      /beasts.x is bool, of which there is no max/,
    ],
    'the sum of texts': [
      { tables: withColumn('x', { type: 'string', aggregate: { kind: 'sum', distinctBy: ['document_id'] } }) },
      /beasts.x is string, of which there is no sum/,
    ],
    'the sum of lists': [
      { tables: withColumn('x', { type: 'int', list: true, aggregate: { kind: 'sum', distinctBy: ['document_id'] } }) },
      /beasts.x is a list of int, of which there is no sum/,
    ],
    'a sum per column that is not there': [
      { tables: withColumn('x', { type: 'int', aggregate: { kind: 'sum', distinctBy: ['y'] } }) },
      /beasts.x counts once per 'y', which is no column/,
    ],
    'a sum per nothing': [
      { tables: withColumn('x', { type: 'int', aggregate: { kind: 'sum', distinctBy: [] } }) },
      /beasts.x counts once per nothing/,
    ],
    'a sum per column that its role shows under another name': [
      {
        tables: withColumn(
          'x',
          { type: 'int', aggregate: { kind: 'sum', distinctBy: ['y'] } },
          { y: { type: 'string' } },
        ),
        roles: {
          ...zoo.roles,
          beasts: { tables: { beasts: { x: { column: 'x' }, z: { column: 'y' } } }, whenEmpty: 'list' },
        },
      },
      /beasts.x counts once per 'y', which the role doesn't show/,
    ],
    'no values of a set': [
      { tables: withColumn('x', { type: 'int', aggregate: setOf(0) }) },
      /beasts.x has a limit of 0: choose a whole number from 1/,
    ],
    'a dictionary of texts': [
      { tables: withColumn('x', { type: 'string', aggregate: { kind: 'dictionary', limit: 1, by: 'a' } }) },
      /beasts.x is string, of which there is no dictionary/,
    ],
    'objects by no member': [
      {
        tables: withColumn('x', {
          type: 'object',
          members: { a: 'string' },
          aggregate: { kind: 'objects', limit: 1, by: 'b' },
        }),
      },
      /beasts.x is told apart by 'b', which is none of its members/,
    ],
    'an unknown aggregate': [
      { tables: withColumn('x', { type: 'int', aggregate: { kind: 'mean' as 'min' } }) },
      /beasts.x collapses by 'mean'/,
    ],
    'single where groups may differ': [
      {
        tables: withColumn('x', { type: 'string', aggregate: { kind: 'single' } }),
        roles: { ...zoo.roles, everyone: { tables: { beasts: 'columns' }, whenEmpty: 'omit' } },
      },
      /everyone.x is 'single', but the role isn't grouped by x/,
    ],
    'one field that collapses in two ways': [
      {
        tables: withColumn('name', { type: 'string', aggregate: drop }),
        roles: {
          ...zoo.roles,
          everyone: { tables: { beasts: 'columns', keepers: { name: { column: 'name' } } }, whenEmpty: 'omit' },
        },
      },
      /everyone.name collapses in one way in its first table, and in another one in table keepers/,
    ],
    'groups by what is dropped': [
      { roles: { ...zoo.roles, herds: { tables: { animals: 'columns' }, groupBy: ['secret'], whenEmpty: 'list' } } },
      /herds is grouped by 'secret', which is dropped/,
    ],
    'groups by objects': [
      { roles: { ...zoo.roles, herds: { tables: { animals: 'columns' }, groupBy: ['passport'], whenEmpty: 'list' } } },
      /herds is grouped by 'passport', which is object/,
    ],
    'one field of two types': [
      {
        roles: {
          ...zoo.roles,
          everyone: {
            tables: { animals: { a: { column: 'legs' } }, keepers: { a: { column: 'name' } } },
            whenEmpty: 'omit',
          },
        },
      },
      /everyone.a is int, and string of table keepers/,
    ],
    'a text among numbers': [
      {
        roles: {
          ...zoo.roles,
          everyone: {
            tables: { animals: { a: { column: 'legs' } }, keepers: { a: { constant: 'x' } } },
            whenEmpty: 'omit',
          },
        },
      },
      /everyone.a is int, and a text of table keepers/,
    ],
    'a column that a table does not have': [
      { roles: { ...zoo.roles, keepers: { tables: { keepers: { a: { column: 'moon' } } }, whenEmpty: 'omit' } } },
      /keepers.a shows column 'moon', which table keepers doesn't have/,
    ],
    'a role called like a column of entities': [
      { roles: { ...zoo.roles, entity_id: { tables: { keepers: 'columns' }, whenEmpty: 'omit' } } },
      /a role can't be called 'entity_id'/,
    ],
    'a facet on a range': [
      {
        roles: {
          ...zoo.roles,
          animals: {
            tables: { animals: 'columns' },
            whenEmpty: 'list',
            fields: { span: { api: 'span', facet: true } },
          },
        },
      },
      /animals.span is a facet, but documents of cages show it as range/,
    ],
    'a facet without a name': [
      { roles: keepersWith({ skills: { facet: true } }) },
      /keepers.skills is a facet without a name/,
    ],
    'values beside a term that nothing has': [
      { roles: keepersWith({ skills: { api: 'skill', facet: true, beside: 'moon' } }) },
      /keepers.skills has 'moon' beside its terms/,
    ],
    'an API name with a quote': [
      { roles: keepersWith({ skills: { api: 'a"b' } }) },
      /keepers.skills can't be called 'a"b' in the API/,
    ],
    'an API name of every object': [
      { roles: keepersWith({ skills: { api: 'toString' } }) },
      /can't be called 'toString' in the API/,
    ],
    'a name for what is not searchable': [
      {
        roles: {
          ...zoo.roles,
          animals: { tables: { animals: 'columns' }, whenEmpty: 'list', fields: { passport: { api: 'passport' } } },
        },
      },
      /animals.passport has API name 'passport', but can't be found/,
    ],
    'an envelope with one name twice': [
      { envelope: { ...defaultEnvelope, 'sources.id': 'entryId' } },
      /API name 'entryId' stands for two fields of every document/,
    ],
    'an entity type with the name of an index': [
      { entityTypes: { ...zoo.entityTypes, cages_g1: { roles: { keepers: 'list' }, computed: {} } } },
      /entity type can't be called 'cages_g1'/,
    ],
    'an entity type that is a path of the API': [
      { entityTypes: { ...zoo.entityTypes, summary: { roles: { keepers: 'list' }, computed: {} } } },
      /entity type can't be called 'summary'/,
    ],
    'an entity type that shows nothing': [
      { entityTypes: { ...zoo.entityTypes, moons: { roles: { replicas: 'hidden' }, computed: {} } } },
      /moons shows no role/,
    ],
    'replicas that are shown': [
      { entityTypes: { ...zoo.entityTypes, moons: { roles: { keepers: 'list', replicas: 'list' }, computed: {} } } },
      /moons shows role replicas/,
    ],
    'a computed field of an unknown column': [
      { entityTypes: cagesWith({ x: { kind: 'sum', role: 'animals', column: 'moon' } }) },
      /cages.x is computed from 'moon', a column that role animals doesn't show/,
    ],
    'a computed field of floats': [
      { entityTypes: cagesWith({ x: { kind: 'max', role: 'animals', column: 'speed', otherwise: 'food' }, food }) },
      /cages.x is computed from 'speed', which is float/,
    ],
    'a computed field of a column that not every table has': [
      { entityTypes: cagesWith({ x: { kind: 'sum', role: 'everyone', column: 'legs' } }) },
      /cages.x is computed from 'legs', a column that role everyone doesn't show/,
    ],
    'a computed cycle': [
      { entityTypes: cagesWith({ x: { kind: 'same', as: 'y' }, y: { kind: 'same', as: 'x' } }) },
      /cages.x falls back to itself by way of 'y'/,
    ],
    'a computed field of the core': [
      { entityTypes: cagesWith({ contents: food }) },
      /computed field of cages can't be called 'contents'/,
    ],
    'a computed field that falls back to nothing': [
      { entityTypes: cagesWith({ x: { kind: 'same', as: 'toString' } }) },
      /cages.x falls back to 'toString', which isn't computed/,
    ],
    'a sort by nothing': [{ entityTypes: servedBy({ sort: 'moon' }) }, /cages is sorted by 'moon'/],
    'a sort by what other documents have': [
      {
        entityTypes: servedBy({ sort: 'height' }),
        tables: withColumn('height', { type: 'int' }),
        roles: {
          ...zoo.roles,
          beasts: { tables: { beasts: 'columns' }, whenEmpty: 'list', fields: { height: { api: 'height' } } },
        },
      },
      /cages is sorted by 'height'/,
    ],
    'empty pages': [{ entityTypes: servedBy({ maxPage: 0 }) }, /cages is served in pages of 0/],
    'a sum of texts in the summary': [
      { summary: [{ measure: 'sum', of: 'cages', field: 'keepers.name' }] },
      /summary sums up 'keepers.name', which are no numbers/,
    ],
    'different ranges in the summary': [
      { summary: [{ measure: 'distinct', of: 'cages', field: 'animals.span' }] },
      /summary counts the values of 'animals.span'/,
    ],
    'a fraction as its version': [{ version: 1.5 }, /its version is 1.5/],
    'a hub that is no entity type': [{ implicitHub: 'moons' }, /implicit hub 'moons'/],
  };
  for (const [what, [change, message]] of Object.entries(cases)) {
    it(`are refused with ${what}`, () => {
      expect(() => checkDeclarations({ ...zoo, ...change })).to.throw(LazuliError, message);
    });
  }
});

describe('the registry of plug-ins', () => {
  it('finds plug-ins by their folders', async () => {
    expect((await metadataPlugin('hca')).name).to.equal('hca');
    expect((await repositoryPlugin('canned')).name).to.equal('canned');
  });

  for (const name of ['nosuch', '../metadata', '__proto__', '']) {
    it(`refuses '${name}' and names what there is`, async () => {
      const error = await metadataPlugin(name).catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(LazuliError);
      expect((error as LazuliError).remedy).to.contain('hca');
    });
  }
});
