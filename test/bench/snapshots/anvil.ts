import type { SnapshotWorld } from './declared.ts';

/** A row id: unlike those of neighbours, as those of real rows. */
const rowId = (table: number, row: string): string =>
  `concat(left(md5('${table}/' || ${row}), 8), '-0000-4000-8000-', lpad(lower(to_hex(${table})), 2, '0'), lpad(lower(to_hex((${row})::BIGINT)), 10, '0'))`;
const ids = (table: number, row: string): string =>
  `${rowId(table, row)} AS datarepo_row_id, ['x:' || ${row}] AS source_datarepo_row_ids`;

/** Files of a sample by their endings, with their numbers. */
const endings = `(VALUES (0, '.1.fastq'), (1, '.2.fastq'), (2, '.bam'), (3, '.crai')) endings (n, ending)`;
const file = (
  row: string,
  fileId: string,
): string => `SELECT ${fileId} AS file_id, 'bam' AS file_format, ${row} * 1000 AS file_size,
  md5(${fileId}) AS file_md5sum, ${fileId} AS file_name, 'drs://data.example/v1_' || md5(${fileId}) AS file_ref, false AS is_supplementary,
  ['genomic'] AS data_modality, ['GRCh38'] AS reference_assembly, ${ids(8, row)}`;
const none = (
  table: string,
): string => `SELECT NULL::VARCHAR AS ${table}_id, NULL::VARCHAR AS datarepo_row_id, NULL::VARCHAR AS activity_type,
  NULL::VARCHAR AS assay_type, [''] AS antibody_id, [''] AS data_modality, [''] AS used_file_id, [''] AS used_biosample_id,
  [''] AS generated_file_id, [''] AS source_datarepo_row_ids`;

/**
 * Samples that are sequenced, aligned, and called in pools of one to eight; two of neighbours have a donor in common. Rows
 * lie in the order of samples, so bundles, which are in the order of uuids, have them from all over a table.
 */
export const anvilWorld: SnapshotWorld = {
  prepare: (bundles) => [
    `CREATE TABLE samples AS SELECT i, sum(CASE WHEN i % 36 IN (0, 1, 3, 6, 10, 15, 21, 28) THEN 1 ELSE 0 END) OVER (ORDER BY i) AS pool
       FROM range(${bundles}) numbers (i)`,
  ],
  tables: {
    anvil_activity: none('activity'),
    anvil_assayactivity: none('assayactivity'),
    anvil_dataset: `SELECT 'dataset' AS dataset_id, 'A title' AS title, ['GRU'] AS consent_group, ['GRU'] AS data_use_permission, ['ann'] AS owner,
      ['bob'] AS principal_investigator, ['phs000001'] AS registered_identifier, ['genomic'] AS data_modality, ${ids(4, '0')}`,
    anvil_biosample: `SELECT 'b' || i AS biosample_id, 'tissue ' || i % 40 AS anatomical_site, ['cell'] AS apriori_cell_type, 'blood' AS biosample_type,
      'disease ' || i % 100 AS disease, (i % 90)::DOUBLE AS donor_age_at_collection_lower_bound, (i % 90 + 1)::DOUBLE AS donor_age_at_collection_upper_bound,
      'years' AS donor_age_at_collection_unit, ['d' || i // 2] AS donor_id, ['dataset'] AS part_of_dataset_id, ${ids(1, 'i')} FROM samples`,
    anvil_donor: `SELECT 'd' || i // 2 AS donor_id, 'human' AS organism_type, 'dataset' AS part_of_dataset_id, 'female' AS phenotypic_sex,
      ['unknown'] AS reported_ethnicity, ['unknown'] AS genetic_ancestry, ${ids(2, 'i // 2')} FROM samples WHERE i % 2 = 0`,
    anvil_diagnosis: `SELECT 'g' || i AS diagnosis_id, 'd' || i // 2 AS donor_id, 'years' AS diagnosis_age_unit, 1::DOUBLE AS diagnosis_age_lower_bound,
      2::DOUBLE AS diagnosis_age_upper_bound, 'years' AS onset_age_unit, NULL::DOUBLE AS onset_age_lower_bound, NULL::DOUBLE AS onset_age_upper_bound,
      ['disease ' || i % 50] AS disease, ['HP:1'] AS phenotype, []::VARCHAR[] AS phenopacket, ${ids(3, 'i')} FROM samples`,
    anvil_sequencingactivity: `SELECT 's' || i AS sequencingactivity_id, 'Sequencing' AS activity_type, ['wgs'] AS assay_type, ['genomic'] AS data_modality,
      ['f' || i || '.1.fastq', 'f' || i || '.2.fastq'] AS generated_file_id, ['b' || i] AS used_biosample_id, ${ids(5, 'i')} FROM samples`,
    anvil_alignmentactivity: `SELECT 'a' || i AS alignmentactivity_id, 'Alignment' AS activity_type, ['genomic'] AS data_modality, ['GRCh38'] AS reference_assembly,
      ['f' || i || '.bam', 'f' || i || '.crai'] AS generated_file_id, ['f' || i || '.1.fastq', 'f' || i || '.2.fastq'] AS used_file_id, ${ids(6, 'i')} FROM samples`,
    anvil_variantcallingactivity: `SELECT 'v' || pool AS variantcallingactivity_id, 'Variant calling' AS activity_type, ['genomic'] AS data_modality,
      ['GRCh38'] AS reference_assembly, ['f' || pool || '.vcf'] AS generated_file_id, list('f' || i || '.bam') AS used_file_id, ${ids(7, 'pool')} FROM samples GROUP BY pool`,
    anvil_file: `${file('i * 8 + n', `'f' || i || ending`)} FROM samples, ${endings}
      UNION ALL ${file('pool * 8 + 7', `'f' || pool || '.vcf'`)} FROM (SELECT DISTINCT pool FROM samples)`,
  },
  key: 'datarepo_row_id',
  bundle: rowId(1, 'own.i'),
  contained: [
    `FROM samples own JOIN samples one USING (pool)`,
    {
      anvil_dataset: [rowId(4, '0')],
      anvil_biosample: [rowId(1, 'one.i')],
      anvil_donor: [rowId(2, 'one.i // 2')],
      anvil_diagnosis: [rowId(3, 'one.i // 2 * 2'), rowId(3, 'one.i // 2 * 2 + 1')],
      anvil_sequencingactivity: [rowId(5, 'one.i')],
      anvil_alignmentactivity: [rowId(6, 'one.i')],
      anvil_variantcallingactivity: [rowId(7, 'pool')],
      anvil_file: [
        ...['0', '1', '2'].map((n) => rowId(8, `one.i * 8 + ${n}`)),
        rowId(8, 'own.i * 8 + 3'),
        rowId(8, 'pool * 8 + 7'),
      ],
    },
  ],
};
