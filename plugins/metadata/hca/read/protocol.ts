import { isObject, type Members } from '../members.ts';
import type { Values } from './entities.ts';

/** The row of a protocol, empty for kinds that no document shows (specification, plugin-hca 4.3). */
export function readProtocol(schema: string, content: Members): Values {
  const core = content.object('protocol_core');
  const id = core.text('protocol_id');
  core.optionalText('protocol_name');
  switch (schema) {
    case 'analysis_protocol':
      return { workflow: id };
    case 'imaging_protocol':
      return { assay_type: assayTypes(content) };
    case 'library_preparation_protocol':
      return {
        library_construction_approach: [method(content)],
        nucleic_acid_source: content.optionalText('nucleic_acid_source'),
      };
    case 'sequencing_protocol':
      return {
        instrument_manufacturer_model: content.label('instrument_manufacturer_model'),
        paired_end: content.optionalBoolean('paired_end', 'paired_ends'),
      };
    default:
      return {};
  }
}

/** How many probes there are of each assay type. */
function assayTypes(content: Members): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const probe of content.objects('probe', 'target')) {
    const type = probe.label('assay_type');
    if (type === null) throw probe.error('assay_type', 'is missing', 'Give every probe an assay type.');
    counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  return Object.fromEntries(counts);
}

/** A term in newer schemas, text in older ones. */
function method(content: Members): string | null {
  const names = ['library_construction_method', 'library_construction_approach'] as const;
  const value = content.value(content.find(...names) ?? '');
  return isObject(value) ? content.label(...names) : content.text(...names);
}
