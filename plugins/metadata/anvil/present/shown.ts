import type { Kind } from '../declared/tables.ts';

/** Fields that documents show of what surrounds the entity that they are about (specification, plugin-anvil 7). */
const shown: Readonly<Record<Kind, readonly string[]>> = {
  activities: ['activity_type', 'assay_type', 'data_modality'],
  biosamples: [
    'anatomical_site',
    'biosample_type',
    'disease',
    'donor_age_at_collection_unit',
    'donor_age_at_collection',
  ],
  datasets: ['dataset_id', 'title'],
  diagnoses: ['disease', 'diagnosis_age_unit', 'onset_age_unit', 'phenotype', 'phenopacket'],
  donors: ['organism_type', 'phenotypic_sex', 'reported_ethnicity', 'genetic_ancestry'],
  files: ['count', 'data_modality', 'file_format', 'is_supplementary', 'reference_assembly'],
};

/** Donors show ages of their diagnoses, too. */
const ofDonors: readonly string[] = [...shown.diagnoses, 'diagnosis_age', 'onset_age'];

/** Names of the fields that hits of an entity type show of a kind of inner entities; null for all, of the entity itself. */
export function fieldsShown(entityType: string, kind: Kind): readonly string[] | null {
  if (entityType === kind) return null;
  return entityType === 'donors' && kind === 'diagnoses' ? ofDonors : shown[kind];
}
