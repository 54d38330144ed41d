import type { Bundle } from '../../../core/model/bundle.ts';
import { drop, type MetadataPlugin, setOf } from '../../../core/model/metadata.ts';
import { NormalizedBundleBuilder } from '../../../core/model/normalized.ts';

/**
 * A small data model with every kind of column, aggregate, role and shape, for tests of the core. A
 * bundle names rows, which may be shared by id between bundles, and what each entity relates to.
 */
export interface ZooBundle {
  readonly rows: readonly {
    readonly table: string;
    readonly id: string | null;
    readonly values: Record<string, unknown>;
  }[];
  readonly entities: readonly {
    readonly type: string;
    readonly id: string;
    readonly roles: Record<string, readonly number[]>;
  }[];
}

export const zoo: MetadataPlugin = {
  name: 'zoo',
  version: 1,
  tables: {
    animals: {
      columns: {
        name: { type: 'string' },
        legs: { type: 'int' },
        weight: { type: 'float', optional: true },
        tame: { type: 'bool' },
        born: { type: 'datetime', optional: true, aggregate: { kind: 'min' } },
        age: { type: 'quantity', optional: true },
        span: { type: 'range', optional: true },
        foods: { type: 'string', list: true, aggregate: setOf(3) },
        sightings: { type: 'counts', aggregate: { kind: 'frequency', limit: 2 } },
        tags: {
          type: 'object',
          list: true,
          members: { label: 'string' },
          aggregate: { kind: 'objects', limit: null, by: 'label' },
        },
        passport: { type: 'object', searchable: false, aggregate: { kind: 'dictionary', limit: 2, by: 'number' } },
        secret: { type: 'string', searchable: false, aggregate: drop },
        remarks: { type: 'string', optional: true, searchable: false, aggregate: setOf(2) },
        chip: { type: 'string', optional: true, searchable: false, aggregate: { kind: 'min' } },
        food_grams: { type: 'int', aggregate: { kind: 'sum', distinctBy: ['document_id'] } },
        rank: { type: 'int', aggregate: { kind: 'max' } },
        speed: { type: 'float', aggregate: { kind: 'max' } },
        mass: { type: 'float', optional: true, aggregate: { kind: 'sum', distinctBy: ['document_id'] } },
        mood: { type: 'string', aggregate: { kind: 'frequency', limit: 2 } },
        litters: { type: 'int', list: true, optional: true, aggregate: setOf(2) },
        ranges: { type: 'range', aggregate: setOf(2) },
        // Names that the statements of the core use, too.
        role: { type: 'string' },
        element: { type: 'string', list: true },
        grp: { type: 'int' },
        surroundings: { type: 'string' },
        field: { type: 'string' },
      },
    },
    keepers: { columns: { name: { type: 'string' }, skills: { type: 'string', list: true } } },
    // Copies from several bundles complete each other.
    permits: {
      reconcile: 'complete',
      columns: {
        office: { type: 'string' },
        title: { type: 'string', optional: true },
        conditions: { type: 'string', list: true, optional: true, aggregate: setOf(2) },
        fee: { type: 'int', optional: true, aggregate: { kind: 'sum', distinctBy: ['document_id'] } },
        years: { type: 'range', optional: true },
      },
    },
  },
  roles: {
    animals: {
      tables: { animals: 'columns' },
      whenEmpty: 'list',
      collapsedOnly: { name_count: { of: 'name', aggregate: { kind: 'unique_count' } } },
      fields: Object.fromEntries(
        ['foods', 'sightings', 'mood', 'ranges', 'age', 'tame'].map((name) => [name, { api: name }]),
      ),
    },
    herds: {
      tables: { animals: { legs: { column: 'legs' }, foods: { column: 'foods' }, heads: { column: 'legs' } } },
      groupBy: ['legs', 'foods'],
      whenEmpty: 'list',
      collapsedOnly: {
        kind: { of: 'legs', aggregate: { kind: 'single' } },
        members: { of: 'legs', aggregate: { kind: 'count', distinctBy: ['document_id'] } },
      },
      fields: { foods: { api: 'herdFoods' } },
    },
    everyone: {
      tables: {
        animals: { name: { column: 'name' }, what: { constant: 'animal' }, skills: { constant: null, list: true } },
        keepers: { name: { column: 'name' }, what: { constant: 'keeper' }, skills: { column: 'skills' } },
      },
      whenEmpty: 'omit',
    },
    keepers: { tables: { keepers: 'columns' }, whenEmpty: 'omit' },
    permits: {
      tables: { permits: 'columns' },
      groupBy: ['title'],
      whenEmpty: 'list',
      fields: { title: { api: 'permit' } },
    },
    replicas: { tables: {}, whenEmpty: 'omit' },
  },
  entityTypes: {
    cages: {
      roles: {
        animals: 'collapsed',
        herds: 'collapsed',
        everyone: 'collapsed',
        keepers: 'list',
        permits: 'collapsed',
        replicas: 'hidden',
      },
      computed: {
        fees: { kind: 'sum', role: 'permits', column: 'fee' },
        food: { kind: 'sum', role: 'animals', column: 'food_grams' },
        most: { kind: 'max', role: 'animals', column: 'rank', otherwise: 'food' },
        food_again: { kind: 'same', as: 'food' },
        heads: { kind: 'count', role: 'animals' },
        staff: { kind: 'count', role: 'keepers' },
        names: { kind: 'distinct', role: 'everyone', column: 'name' },
        foods: { kind: 'distinct', role: 'animals', column: 'foods' },
        ages: { kind: 'distinct', role: 'animals', column: 'age' },
        lowest: { kind: 'min', role: 'animals', column: 'rank', otherwise: 'heads' },
        lightest: { kind: 'min', role: 'animals', column: 'weight' },
        fastest: { kind: 'max', role: 'animals', column: 'speed', otherwise: 'lightest' },
        eldest: { kind: 'min', role: 'animals', column: 'born' },
        youngest: { kind: 'max', role: 'animals', column: 'born' },
        mass: { kind: 'sum', role: 'animals', column: 'mass' },
      },
    },
    animals: {
      roles: { animals: 'single', everyone: 'collapsed', permits: 'list' },
      computed: {
        food: { kind: 'sum', role: 'animals', column: 'food_grams' },
        company: { kind: 'count', role: 'everyone' },
      },
    },
  },
  implicitHub: 'cages',
  normalize(bundle: Bundle) {
    const { rows, entities } = bundle.contents as unknown as ZooBundle;
    const builder = new NormalizedBundleBuilder();
    for (const { table, id, values } of rows) builder.row(table, id, values);
    for (const { type, id, roles } of entities) {
      builder.entity(
        type,
        id,
        Object.fromEntries(Object.entries(roles).map(([role, members]) => [role, builder.set(members)])),
      );
    }
    return builder.build();
  },
  present: (document) => document,
};
