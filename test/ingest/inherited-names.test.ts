import { expect } from 'chai';
import type { NormalizedRow } from '../../core/model/normalized.ts';
import { Batch } from '../../ingest/batch.ts';
import { fqid, toy } from '../rigs/models/toy.ts';

describe('A column that is called like a member of every object', () => {
  it('is absent where a row has no such value of its own', () => {
    const columns = { constructor: { type: 'string', optional: true } } as const;
    const batch = new Batch({ ...toy, tables: { ...toy.tables, things: { columns } } });
    const row = (values: NormalizedRow['values']): NormalizedRow => ({ table: 'things', id: null, values });
    const rows = [row({}), row({ constructor: 'Brunel' }), row({ constructor: null })];
    const normalized = { rows, sets: [], entities: [] };
    batch.add({ action: 'add', fqid: fqid(1), number: 0, contentHash: '', attributes: {}, normalized, bytes: 0 });
    const things = batch.recordBatches().find(({ name }) => name === 'things')?.batch;
    const valuesOf = (column: string) => [...(things?.getChild(column) ?? [])];
    expect(valuesOf('constructor')).to.deep.equal([null, 'Brunel', null]);
    expect(valuesOf('absent')).to.deep.equal([1, 0, 0]);
  });
});
