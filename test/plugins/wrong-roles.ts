import { defaultEnvelope } from '../../core/model/envelope.ts';
import { zoo } from '../rigs/models/zoo.ts';
import {
  animals,
  cages,
  cagesWith,
  food,
  keepersWith,
  servedBy,
  type Wrong,
  withColumn,
} from '../rigs/models/zoo-with.ts';

/** Roles, entity types, names in the API and the summary. */
export const wrongRoles: Readonly<Record<string, Wrong>> = {
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
  'a text in the place of a range': [
    {
      roles: {
        ...zoo.roles,
        animals: {
          tables: { animals: 'columns' },
          whenEmpty: 'list',
          fields: { span: { api: 'span', sortedBy: 'name' } },
        },
      },
    },
    /animals.span is sorted by 'name', which is no field of numbers of its role/,
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
  'the greatest of truths': [
    { entityTypes: cagesWith({ x: { kind: 'max', role: 'animals', column: 'tame' } }) },
    /cages.x is computed from 'tame', which is bool: choose int, float, datetime/,
  ],
  'the sum of moments': [
    { entityTypes: cagesWith({ x: { kind: 'sum', role: 'animals', column: 'born' } }) },
    /cages.x is computed from 'born', which is datetime: choose int, float/,
  ],
  'the least of lists': [
    { entityTypes: cagesWith({ x: { kind: 'min', role: 'animals', column: 'litters' } }) },
    /cages.x is computed from 'litters', which is a list/,
  ],
  'different counts': [
    { entityTypes: cagesWith({ x: { kind: 'distinct', role: 'animals', column: 'sightings' } }) },
    /cages.x is computed from 'sightings', which is counts/,
  ],
  'a count of what it does not show': [
    { entityTypes: cagesWith({ x: { kind: 'count', role: 'replicas' } }) },
    /cages.x is computed from a role that it doesn't show: replicas/,
  ],
  'a mean': [
    { entityTypes: cagesWith({ x: { kind: 'mean' as 'sum', role: 'animals', column: 'rank' } }) },
    /cages.x is computed by 'mean': there are sum, count, distinct, min, max, same/,
  ],
  'a moment that falls back to a number': [
    { entityTypes: cagesWith({ x: { kind: 'min', role: 'animals', column: 'born', otherwise: 'food' }, food }) },
    /cages.x is computed from 'born', which is datetime, and falls back to 'food', which is int: choose one/,
  ],
  'ids of no pattern': [
    { entityTypes: { ...zoo.entityTypes, cages: { ...cages, id: '[a-' } } },
    /ids of cages have the pattern '\[a-', which is no regular expression/,
  ],
  'another name for a field that is not there': [
    { entityTypes: { ...zoo.entityTypes, cages: { ...cages, api: { 'animals.moon': 'x' } } } },
    /cages gives a name in the API to 'animals.moon', which its documents don't have/,
  ],
  'another name for a field that has none': [
    { entityTypes: { ...zoo.entityTypes, cages: { ...cages, api: { 'animals.legs': 'x' } } } },
    /cages gives a name in the API to 'animals.legs', which has none elsewhere/,
  ],
  'one name for two fields of one type': [
    { entityTypes: { ...zoo.entityTypes, cages: { ...cages, api: { 'animals.foods': 'mood' } } } },
    /API name 'mood' stands for two fields of cages/,
  ],
  'one name for fields of two types of values': [
    { entityTypes: { ...zoo.entityTypes, animals: { ...animals, api: { 'animals.ranges': 'herdFoods' } } } },
    /API name 'herdFoods' stands for string in documents of cages, and for range in those of animals/,
  ],
  'something sensitive that is no place': [{ sensitive: ['donors'] }, /'donors' is sensitive, but no JSON pointer/],
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
  'pages that leave no room for one hit more': [
    { entityTypes: servedBy({ maxPage: 10_000 }) },
    /cages is served in pages of 10000: choose a whole number from 1 to 9999/,
  ],
  'a measure of the summary that there is not': [
    { summary: { cages: { measure: 'mean' as 'sum', of: 'cages', field: 'food' } } },
    /summary measures 'mean': there are documents, distinct, sum, terms, groups/,
  ],
  'a measure of the summary that is no text': [
    { summary: { cages: { measure: 1 as unknown as 'documents', of: 'cages' } } },
    /summary measures '1'/,
  ],
  'a member of groups in the summary that there is not': [
    { summary: [{ measure: 'groups', of: 'cages', field: 'keepers.name', members: { size: 'count' as 'documents' } }] },
    /summary tells 'count' of groups as 'size': there are term, term in a list, documents, and sums/,
  ],
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
  'groups by what is dropped': [
    { roles: { ...zoo.roles, herds: { tables: { animals: 'columns' }, groupBy: ['secret'], whenEmpty: 'list' } } },
    /herds is grouped by 'secret', which is dropped/,
  ],
  'groups by objects': [
    { roles: { ...zoo.roles, herds: { tables: { animals: 'columns' }, groupBy: ['passport'], whenEmpty: 'list' } } },
    /herds is grouped by 'passport', which is object/,
  ],
};
