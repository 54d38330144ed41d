import { anvilTables } from '../../../rigs/tdr/anvil.ts';
import type { ExportedSnapshot, Row } from '../../../rigs/tdr/exports.ts';
import { hcaTables } from '../../../rigs/tdr/hca.ts';

const project = 'datarepo-1a2b3c4d';
const version = '2021-01-02T03:04:05.000006Z';
const odd = 'ä"\\\u2028\ufeff𝄞';

/** Two of a donor, of which a file was made together, and that was aligned; a supplementary file; values of all types. */
const anvilRows: Readonly<Record<string, readonly Row[]>> = {
  anvil_biosample: ['a', 'b'].map((biosample_id, n) => ({
    ...{ biosample_id, datarepo_row_id: rowId(n), donor_id: ['donor'], part_of_dataset_id: ['dataset'] },
    ...{ donor_age_at_collection_lower_bound: n === 0 ? null : 1.5, disease: odd },
  })),
  anvil_donor: [{ donor_id: 'donor', datarepo_row_id: rowId(2), part_of_dataset_id: 'dataset' }],
  anvil_diagnosis: [{ diagnosis_id: 'd', datarepo_row_id: rowId(3), donor_id: 'donor', disease: ['b', 'a'] }],
  anvil_dataset: [{ dataset_id: 'dataset', datarepo_row_id: rowId(4), title: odd }],
  anvil_sequencingactivity: [
    {
      ...{ sequencingactivity_id: 's', datarepo_row_id: rowId(5) },
      ...{ used_biosample_id: ['a', 'b'], generated_file_id: ['f'] },
    },
  ],
  anvil_alignmentactivity: [
    {
      ...{ alignmentactivity_id: 'l', datarepo_row_id: rowId(6) },
      ...{ used_file_id: ['f'], generated_file_id: ['g'] },
    },
  ],
  anvil_file: ['f', 'g', 'h'].map((file_id, n) => ({
    ...{
      file_id,
      datarepo_row_id: rowId(7 + n),
      file_ref: `drs://data.example/v1_${n}`,
      file_size: '9007199254740993',
    },
    is_supplementary: file_id === 'h',
  })),
};

function rowId(n: number): string {
  return `${n.toString(16)}0000000-0000-4000-8000-000000000000`;
}

const linksOf = (...links: readonly object[]): string => JSON.stringify({ describedBy: 'links', links });
const made = (n: number, inputs: readonly string[], output: string) => ({
  ...{ link_type: 'process_link', process_type: 'process', process_id: `process-${n}`, protocols: [] },
  inputs: inputs.map((input_id) => ({ input_type: 'sequence_file', input_id })),
  outputs: [{ output_type: 'sequence_file', output_id: output }],
});
const document = (type: string, id: string): Row => ({
  ...{ [`${type}_id`]: id, version, content: JSON.stringify({ file_core: { file_name: `${id} ${odd}` } }) },
});
const file = (id: string): Row => ({
  ...document('sequence_file', id),
  descriptor: JSON.stringify({
    ...{ file_id: id, file_version: version, crc32c: '0', sha256: '1', content_type: 'a', size: 2, drs_uri: null },
  }),
  file_id: id === 'file-0' ? null : `drs://data.example/${id}`,
});

/** Three subgraphs, each made of the one before, and one that is no JSON. */
const hcaRows: Readonly<Record<string, readonly Row[]>> = {
  links: [
    ...[0, 1, 2].map((n) => ({
      ...{ links_id: `${n}c000000-0000-5000-8000-000000000000`, version, project_id: 'project-0' },
      content: linksOf(made(n, n === 0 ? [] : [`file-${n - 1}`], `file-${n}`)),
    })),
    { links_id: '3c000000-0000-5000-8000-000000000000', version, project_id: 'project-0', content: 'no JSON' },
  ],
  project: [document('project', 'project-0')],
  process: [0, 1, 2].map((n) => document('process', `process-${n}`)),
  sequence_file: [0, 1, 2].map((n) => file(`file-${n}`)),
  cell_suspension: [],
};

/** Snapshots of both data models, with something of everything. */
export const storySnapshots: readonly ExportedSnapshot[] = [
  { id: '6c87f0e1-509d-46a4-b845-7584df39263b', name: 'ANVIL_story_1', project, tables: anvilTables(anvilRows) },
  { id: '7c87f0e1-509d-46a4-b845-7584df39263b', name: 'hca_story_1', project, tables: hcaTables(hcaRows) },
];
