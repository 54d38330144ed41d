import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { Json } from '../../../core/model/metadata.ts';
import { anvil } from '../../../plugins/metadata/anvil/plugin.ts';
import { type Indexed, openRig } from './rig.ts';
import { parseTable } from './table-reference.ts';

/** A file of biosamples, as indexed. */
const fileOf = (id: string, ages: readonly Json[], units: readonly Json[]): Indexed => ({
  entity_id: id,
  sources: [{ id: 's', spec: 'spec' }],
  bundles: [{ uuid: 'b', version: 'v' }],
  num_contributions: 1,
  contents: {
    files: [{ document_id: id, uuid: id, version: 'v', name: 'n', drs_uri: null }],
    biosamples: [{ donor_age_at_collection: ages, donor_age_at_collection_unit: units }],
  },
});

const header = 'biosamples.donor_age_at_collection';

describe('Ages in a table of text', () => {
  it('have their unit behind them where all of a file have the same, and no end that is open', async () => {
    const documents = [
      fileOf('1', [{ gte: 5, lte: 8 }, { gte: 38, lte: 38 }, null], ['Years']),
      fileOf('2', [{ gte: 5.5 }, { lte: 8 }], ['Years']),
      fileOf('3', [{ gte: 5, lte: 8 }], ['Days', 'Years']),
      fileOf('4', [{ gte: 5, lte: 8 }], [null]),
      fileOf('5', [null], [null]),
    ];
    await using rig = await openRig(anvil, 'files', documents);
    const { file } = await rig.write('compact', await rig.select('true'));
    const [headers = [], ...rows] = parseTable(readFileSync(file, 'utf8'));
    expect(rows.map((row) => row[headers.indexOf(header)])).to.deep.equal([
      '38 Years || 5-8 Years',
      '-8 Years || 5.5- Years',
      '5-8',
      '5-8',
      '',
    ]);
  });
});
