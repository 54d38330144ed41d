import { anvilTables } from './anvil.ts';
import type { ExportedTable } from './exports.ts';

/** Tables of a snapshot of AnVIL: thirteen biosamples of one donor at most, and a supplementary file. */
export function oneDonor(biosamples: number): Readonly<Record<string, ExportedTable>> {
  const rowId = (n: number): string => `${n.toString(16)}0000000-0000-4000-8000-000000000000`;
  const dataset = ['dataset'];
  return anvilTables({
    anvil_biosample: Array.from({ length: biosamples }, (_, n) => ({
      ...{ biosample_id: `sample ${n}`, datarepo_row_id: rowId(n), donor_id: ['donor'], part_of_dataset_id: dataset },
    })),
    anvil_donor: [{ donor_id: 'donor', datarepo_row_id: rowId(14), part_of_dataset_id: 'dataset' }],
    anvil_dataset: [{ dataset_id: 'dataset', datarepo_row_id: rowId(15) }],
    anvil_file: [
      { file_id: 'file', datarepo_row_id: rowId(13), file_ref: 'drs://data.example/v1_a_b', is_supplementary: true },
    ],
  });
}
