import type { Measure, SummaryShape } from '../../../../core/model/summary.ts';

const documents = (of: string): Measure => ({ measure: 'documents', of });

/** Documents by the values of a field. @param called what the value is called */
const byValue = (of: string, field: string, called: string): Measure => ({
  measure: 'groups',
  of,
  field,
  members: { count: 'documents', [called]: 'term' },
});

/** Specification, query-semantics 9.2 */
export const summary: SummaryShape = {
  activityCount: documents('activities'),
  activityTypes: byValue('activities', 'activities.activity_type', 'type'),
  biosampleCount: documents('biosamples'),
  datasetCount: documents('datasets'),
  donorCount: documents('donors'),
  donorDiagnosisDiseases: byValue('donors', 'diagnoses.disease', 'disease'),
  donorDiagnosisPhenotypes: byValue('donors', 'diagnoses.phenotype', 'phenotype'),
  donorSpecies: byValue('donors', 'donors.organism_type', 'species'),
  fileCount: documents('files'),
  fileFormats: byValue('files', 'files.file_format', 'format'),
};
