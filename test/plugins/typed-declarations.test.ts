import { expect } from 'chai';
import { declareEntityTypes, declareRoles, declareTables } from '../../core/model/declare.ts';
import type { Column } from '../../core/model/metadata.ts';

/**
 * Declarations that must not compile: `npm run typecheck` fails where a line that is expected to be wrong is right.
 * Running it shows no more than that right ones are as they were declared.
 */

const string = { type: 'string' } as const satisfies Column;
const int = { type: 'int' } as const satisfies Column;

/** An aggregate goes with the type of its column. */
const columns: readonly Column[] = [
  { type: 'int', aggregate: { kind: 'sum', distinctBy: ['document_id'] } },
  { type: 'int', list: true, aggregate: { kind: 'max' } },
  { type: 'counts', optional: true, aggregate: { kind: 'frequency', limit: 2 } },
  { type: 'object', members: { label: 'string' }, aggregate: { kind: 'objects', limit: null, by: 'label' } },
  // @ts-expect-error: there is no sum of texts
  { type: 'string', aggregate: { kind: 'sum', distinctBy: ['document_id'] } },
  // @ts-expect-error: there is no sum of lists
  { type: 'int', list: true, aggregate: { kind: 'sum', distinctBy: ['document_id'] } },
  // @ts-expect-error: there is no least range
  { type: 'range', aggregate: { kind: 'min' } },
  // @ts-expect-error: there is no greatest truth value
  { type: 'bool', aggregate: { kind: 'max' } },
  // @ts-expect-error: only objects have keys
  { type: 'string', aggregate: { kind: 'dictionary', limit: 1, by: 'label' } },
  // @ts-expect-error: how often whole numbers occur isn't counted
  { type: 'int', aggregate: { kind: 'frequency', limit: 1 } },
  // @ts-expect-error: counts don't collapse by themselves
  { type: 'counts' },
  // @ts-expect-error: there are no sets of counts
  { type: 'counts', aggregate: { kind: 'set', limit: 1 } },
  // @ts-expect-error: there are no lists of counts
  { type: 'counts', list: true, aggregate: { kind: 'frequency', limit: 1 } },
  // @ts-expect-error: only objects have members
  { type: 'string', members: { label: 'string' } },
  // @ts-expect-error: members are plain
  { type: 'object', members: { label: 'object' } },
];

/** What tables refer to. */
const tables = declareTables({
  trees: {
    columns: {
      name: string,
      height: { type: 'float' },
      rings: { type: 'int', aggregate: { kind: 'sum', distinctBy: ['document_id', 'name'] } },
      planted: { type: 'datetime', optional: true },
      birds: { type: 'string', list: true },
      nests: { type: 'object', members: { bird: 'string' }, aggregate: { kind: 'objects', limit: 9, by: 'bird' } },
    },
  },
  shrubs: { columns: { name: string, height: int } },
});
declareTables({
  a: {
    columns: {
      // @ts-expect-error: there is no such column
      x: { type: 'int', aggregate: { kind: 'sum', distinctBy: ['y'] } },
      z: string,
    },
  },
});
declareTables({
  a: {
    columns: {
      // @ts-expect-error: lists don't tell rows apart
      x: { type: 'int', aggregate: { kind: 'sum', distinctBy: ['z'] } },
      z: { type: 'string', list: true },
    },
  },
});
declareTables({
  a: {
    // @ts-expect-error: the objects have no such member
    columns: { x: { type: 'object', members: { b: 'string' }, aggregate: { kind: 'objects', limit: 1, by: 'c' } } },
  },
});

/** What roles refer to. */
const roles = declareRoles(tables, {
  trees: {
    tables: { trees: 'columns' },
    groupBy: ['name'],
    collapsedOnly: {
      count: { of: 'name', aggregate: { kind: 'count', distinctBy: ['document_id'] } },
      tallest: { of: 'height', aggregate: { kind: 'max' } },
    },
    whenEmpty: 'list',
    fields: { name: { api: 'treeName' }, count: { api: 'treeCount' }, document_id: { api: 'treeId' } },
  },
  plants: {
    tables: {
      trees: { called: { column: 'name' }, kind: { constant: 'tree' }, high: { column: 'height' } },
      shrubs: { called: { column: 'name' }, kind: { constant: 'shrub' }, low: { column: 'height' } },
    },
    whenEmpty: 'omit',
  },
  replicas: { tables: {}, whenEmpty: 'omit' },
});
declareRoles(tables, {
  // @ts-expect-error: there is no such table
  mosses: { tables: { mosses: 'columns' }, whenEmpty: 'omit' },
});
declareRoles(tables, {
  // @ts-expect-error: the table has no such column
  plants: { tables: { shrubs: { x: { column: 'rings' } } }, whenEmpty: 'omit' },
});
declareRoles(tables, {
  // @ts-expect-error: the role has no such field
  plants: { tables: { shrubs: 'columns' }, groupBy: ['rings'], whenEmpty: 'omit' },
});
declareRoles(tables, {
  plants: {
    tables: { shrubs: 'columns' },
    whenEmpty: 'omit',
    // @ts-expect-error: the role has no such field
    fields: { rings: { api: 'rings' } },
  },
});
declareRoles(tables, {
  trees: {
    tables: { trees: 'columns' },
    whenEmpty: 'omit',
    // @ts-expect-error: there is no sum of names
    collapsedOnly: { sum: { of: 'name', aggregate: { kind: 'sum', distinctBy: ['document_id'] } } },
  },
});
declareRoles(tables, {
  trees: {
    tables: { trees: 'columns' },
    whenEmpty: 'omit',
    // @ts-expect-error: the role shows nothing under that name
    collapsedOnly: { count: { of: 'name', aggregate: { kind: 'count', distinctBy: ['species'] } } },
  },
});

/** What computed fields are computed from. */
const shown = { trees: 'collapsed', plants: 'list', replicas: 'hidden' } as const;
const of = { tables, roles };
const entityTypes = declareEntityTypes(of, {
  gardens: {
    roles: shown,
    computed: {
      rings: { kind: 'sum', role: 'trees', column: 'rings' },
      trees: { kind: 'count', role: 'trees' },
      birds: { kind: 'distinct', role: 'trees', column: 'birds' },
      names: { kind: 'distinct', role: 'plants', column: 'called' },
      tallest: { kind: 'max', role: 'trees', column: 'height' },
      oldest: { kind: 'min', role: 'trees', column: 'planted' },
      most: { kind: 'max', role: 'trees', column: 'rings', otherwise: 'trees' },
      again: { kind: 'same', as: 'rings' },
    },
  },
});
declareEntityTypes(of, {
  gardens: {
    // @ts-expect-error: there is no such role
    roles: { mosses: 'list' },
    computed: {},
  },
});
// @ts-expect-error: there is no sum of texts
declareEntityTypes(of, { a: { roles: shown, computed: { x: { kind: 'sum', role: 'trees', column: 'name' } } } });
// @ts-expect-error: there is no sum of moments
declareEntityTypes(of, { a: { roles: shown, computed: { x: { kind: 'sum', role: 'trees', column: 'planted' } } } });
// @ts-expect-error: there is no greatest list
declareEntityTypes(of, { a: { roles: shown, computed: { x: { kind: 'max', role: 'trees', column: 'birds' } } } });
// @ts-expect-error: there is no such column
declareEntityTypes(of, { a: { roles: shown, computed: { x: { kind: 'min', role: 'trees', column: 'leaves' } } } });
// @ts-expect-error: not every table of the role has it
declareEntityTypes(of, { a: { roles: shown, computed: { x: { kind: 'max', role: 'plants', column: 'high' } } } });
// @ts-expect-error: a constant is no column
declareEntityTypes(of, { a: { roles: shown, computed: { x: { kind: 'distinct', role: 'plants', column: 'kind' } } } });
// @ts-expect-error: documents don't show the role
declareEntityTypes(of, { a: { roles: shown, computed: { x: { kind: 'count', role: 'replicas' } } } });
// @ts-expect-error: there is no such computed field
declareEntityTypes(of, { a: { roles: shown, computed: { x: { kind: 'same', as: 'y' } } } });

it('Declarations that compile are taken as they are', () => {
  expect(columns[0]).to.deep.equal({ type: 'int', aggregate: { kind: 'sum', distinctBy: ['document_id'] } });
  expect(Object.keys(tables.trees.columns)).to.deep.equal(['name', 'height', 'rings', 'planted', 'birds', 'nests']);
  expect(entityTypes.gardens.computed.birds).to.deep.equal({ kind: 'distinct', role: 'trees', column: 'birds' });
});
