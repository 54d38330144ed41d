import { drop, setOf, type Table } from '../../core/model/metadata.ts';
import { zoo } from '../rigs/models/zoo.ts';
import { type Wrong, withColumn } from '../rigs/models/zoo-with.ts';

/** Names, tables, columns and how they collapse. */
export const wrongTables: Readonly<Record<string, Wrong>> = {
  'a reserved table': [{ tables: { ...zoo.tables, members: { columns: {} } } }, /table can't be called 'members'/],
  'a reserved column': [
    { tables: { ...zoo.tables, beasts: { columns: { absent: { type: 'int' } } } } },
    /column of beasts can't be called 'absent'/,
  ],
  'a column of the store': [{ tables: withColumn('bundle_key', { type: 'int' }) }, /can't be called 'bundle_key'/],
  'a table of the store': [{ tables: { ...zoo.tables, ledger: { columns: {} } } }, /a table can't be called 'ledger'/],
  'a table with capitals': [{ tables: { ...zoo.tables, Beasts: { columns: {} } } }, /a table can't be called 'Beasts'/],
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
  'an unknown way to reconcile': [
    { tables: { ...zoo.tables, keepers: { ...zoo.tables.keepers, reconcile: 'oldest' as 'complete' } as Table } },
    /table keepers is reconciled by 'oldest': choose 'complete'/,
  ],
  'copies that complete each other beside another table': [
    { tables: { ...zoo.tables, keepers: { ...zoo.tables.keepers, reconcile: 'complete' } as Table } },
    /role everyone unites tables, one of which is reconciled by 'complete'/,
  ],
  'a column of no type': [{ tables: withColumn('x', { type: 'date' as 'int' }) }, /beasts.x is of type 'date'/],
  'a list of counts': [
    { tables: withColumn('x', { type: 'counts', list: true, aggregate: { kind: 'frequency', limit: 1 } }) },
    /beasts.x is a list of counts/,
  ],
  'counts that make a set': [{ tables: withColumn('x', { type: 'counts' }) }, /beasts.x has counts, which need/],
  'members of a text': [{ tables: withColumn('x', { type: 'string', members: { a: 'int' } }) }, /beasts.x has members/],
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
};
