import type { Json } from '../../../../core/model/json.ts';
import { Random } from '../../../../core/model/random.ts';
import { primaryKeyOf, type TableName } from '../schema.ts';
import type { Snapshot } from './plan.ts';
import * as words from './vocabulary.ts';

export const bundleVersion = '2022-06-01T00:00:00.000000Z';

type Columns = Readonly<Record<string, Json>>;

/** A row of a snapshot, as bundles have it. */
export interface MadeRow {
  /** `<table>/<row id>` */
  readonly key: string;
  /** by which rows of other tables refer to it */
  readonly id: string;
  readonly contents: Columns;
}

/** The row of a table that a key stands for: it is the same in all bundles of its snapshot. */
export function rowOf(
  { seed, index }: Snapshot,
  table: TableName,
  key: string | number,
  columns: (random: Random) => Columns,
): MadeRow {
  const random = new Random(seed, index, table, key);
  const [rowId, id] = [random.uuid(), random.uuid()];
  const contents = {
    datarepo_row_id: rowId,
    [primaryKeyOf(table)]: id,
    ...columns(random),
    source_datarepo_row_ids: [`${table.slice('anvil_'.length)}:${random.uuid()}`],
    version: bundleVersion,
  };
  return { key: `${table}/${rowId}`, id, contents };
}

export const studyOf = ({ index }: Snapshot) =>
  words.studies[index % words.studies.length] as (typeof words.studies)[number];

export function datasetOf(snapshot: Snapshot): MadeRow {
  const { name, consent, investigator } = studyOf(snapshot);
  return rowOf(snapshot, 'anvil_dataset', 0, (random) => ({
    consent_group: [consent],
    data_use_permission: [consent],
    owner: [investigator],
    principal_investigator: random.chance(0.5) ? [investigator] : [],
    registered_identifier: snapshot.isRegistered ? [`phs${String(random.between(1, 999_999)).padStart(6, '0')}`] : [],
    title: `ANVIL_${name}_${snapshot.index}`,
    data_modality: [...random.some(words.modalities, random.between(0, 2))],
  }));
}

export function donorOf(snapshot: Snapshot, number: number): MadeRow {
  return rowOf(snapshot, 'anvil_donor', number, (random) => ({
    organism_type: studyOf(snapshot).organism,
    part_of_dataset_id: datasetOf(snapshot).id,
    phenotypic_sex: random.pick(words.sexes),
    reported_ethnicity: [...random.some(words.ethnicities, random.between(0, 1))],
    genetic_ancestry: [...random.some(words.ancestries, random.between(0, 2))],
  }));
}

/** From none to three. */
export function diagnosesOf(snapshot: Snapshot, donor: number): readonly MadeRow[] {
  const count = new Random(snapshot.seed, snapshot.index, 'diagnoses', donor).between(0, 3);
  return Array.from({ length: count }, (_, i) =>
    rowOf(snapshot, 'anvil_diagnosis', `${donor}.${i}`, (random) => ({
      donor_id: donorOf(snapshot, donor).id,
      disease: [...random.some(words.diseases, random.between(0, 2))],
      phenotype: [...random.some(words.phenotypes, random.between(0, 3))],
      phenopacket: [],
      ...ages(random, 'diagnosis_age'),
      ...ages(random, 'onset_age'),
    })),
  );
}

export function biosampleOf(snapshot: Snapshot, number: number): MadeRow {
  return rowOf(snapshot, 'anvil_biosample', number, (random) => ({
    anatomical_site: random.pick(words.sites),
    apriori_cell_type: [...random.some(words.cellTypes, random.between(0, 1))],
    biosample_type: random.pick(words.biosampleTypes),
    disease: random.chance(0.3) ? random.pick(words.diseases) : null,
    donor_id: donorsOf(snapshot, number).map((donor) => donorOf(snapshot, donor).id),
    part_of_dataset_id: [datasetOf(snapshot).id],
    ...ages(random, 'donor_age_at_collection'),
  }));
}

/** Two biosamples are of one donor, and some of several donors. */
export function donorsOf({ biosamples }: Snapshot, number: number): readonly number[] {
  const donor = Math.floor(number / 2);
  return number % 10 === 9 && number + 1 < biosamples ? [donor, donor + 1] : [donor];
}

/** Unknown, the same at both ends, apart, or with an end that is open. */
function ages(random: Random, column: string): Columns {
  const [form, low] = [random.between(0, 9), random.between(0, 80)];
  const high = form < 7 ? low : low + random.between(1, 10);
  return {
    [`${column}_unit`]: form < 3 ? null : 'Years',
    [`${column}_lower_bound`]: form < 3 ? null : low,
    [`${column}_upper_bound`]: form < 3 || form === 9 ? null : high,
  };
}

/** @param key of the file in its snapshot */
export function fileOf(snapshot: Snapshot, key: string, format: string, isSupplementary = false): MadeRow {
  return rowOf(snapshot, 'anvil_file', key, (random) => {
    const reference = `drs://data.example/v1_${snapshot.source.id}_${random.uuid()}`;
    return {
      data_modality: [...random.some(words.modalities, random.between(0, 1))],
      file_format: format,
      file_size: random.next() * random.between(1, 100),
      file_md5sum: Buffer.from(random.hex(16), 'hex').toString('base64'),
      reference_assembly: format === '.fastq.gz' ? [] : [random.pick(words.assemblies)],
      file_name: `${random.hex(4)}${format}`,
      file_ref: reference,
      is_supplementary: isSupplementary,
      drs_uri: reference,
      sha256: '',
      crc32: '',
    };
  });
}
