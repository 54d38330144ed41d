import { idColumn } from '../../../../core/model/fields.ts';
import type { ManifestShape, VerbatimColumn } from '../../../../core/model/manifests.ts';
import { descriptionColumn, rowIdColumn, schema } from '../schema.ts';
import { ages, hidden, tables } from './tables.ts';

/** Tables of PFB have neither ages nor what only DUOS knows. */
const pfbTables = Object.fromEntries(
  (['activities', 'biosamples', 'datasets', 'diagnoses', 'donors', 'files'] as const).map((kind) => {
    const columns = Object.entries(tables[kind].columns);
    const shown = columns.filter(([name]) => !(name in ages) && !hidden.has(name) && name !== descriptionColumn);
    return [kind, [idColumn, ...shown.map(([name]) => name)]];
  }),
);

type Columns = Readonly<Record<string, VerbatimColumn>>;

const text: VerbatimColumn = { type: 'string', nullable: true };

/** Tables of verbatim PFB: their schema is that of the snapshot, whatever is selected. */
const verbatim = Object.fromEntries(
  Object.entries<Columns>(schema).map(([table, columns]): [string, Columns] => {
    const all = { ...columns, [rowIdColumn]: { type: 'string' } as const };
    if (table === 'anvil_file') return [table, { ...all, drs_uri: text }];
    return [table, table === 'anvil_dataset' ? lacking({ ...all, [descriptionColumn]: text }) : all];
  }),
);

/** The stub of a dataset that is registered with DUOS is in the same table, and has a description only. */
function lacking(columns: Columns): Columns {
  return Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, { ...column, nullable: true }]));
}

/** Specification, plugin-anvil 7, and manifests 4.4, 7 and 8 */
export const manifests: ManifestShape = {
  entityType: 'files',
  formats: ['compact', 'terra.pfb', 'verbatim.jsonl', 'verbatim.pfb', 'parquet'],
  hourlyLinks: true,
  envelope: {
    'bundles.uuid': 'bundles.bundle_uuid',
    'bundles.version': 'bundles.bundle_version',
    'sources.id': 'sources.source_id',
    'sources.spec': 'sources.source_spec',
  },
  file: {
    role: 'files',
    uuid: 'uuid',
    version: 'version',
    name: 'name',
    location: 'drs_uri',
    url: 'files.azul_file_url',
    size: 'size',
    versions: 'timestamps',
  },
  units: {
    'biosamples.donor_age_at_collection': 'biosamples.donor_age_at_collection_unit',
    'diagnoses.diagnosis_age': 'diagnoses.diagnosis_age_unit',
    'diagnoses.onset_age': 'diagnoses.onset_age_unit',
  },
  pfb: {
    tables: pfbTables,
    scalars: [],
    uuids: [],
    objects: {},
    handOver: { rowIds: rowIdColumn, source: 'source_datarepo_snapshot_id' },
  },
  verbatim,
};
