import { isObject, type Members } from '../members.ts';
import { ageRange } from './age.ts';
import type { Biomaterial, Sample, Values } from './entities.ts';

type Facts = Pick<Biomaterial, 'biomaterialId' | 'values' | 'sample' | 'cells'>;

/** What documents need of a biomaterial (specification, plugin-hca 2.2 and 4.1). */
export function readBiomaterial(schema: string, content: Members): Facts {
  const core = content.object('biomaterial_core');
  const biomaterialId = core.text('biomaterial_id');
  const nothing = { biomaterialId, sample: null, cells: null, values: {} };
  switch (schema) {
    case 'donor_organism':
      return { ...nothing, values: donor(content, biomaterialId) };
    case 'specimen_from_organism': {
      const input = core.optionalText('has_input_biomaterial');
      const values = specimen(content, biomaterialId, input);
      return { ...nothing, values, sample: { organ: values.organ, organParts: values.organ_part } };
    }
    case 'cell_suspension': {
      const types = content.labels('selected_cell_types', 'selected_cell_type');
      const cells = content.optionalCount('estimated_cell_count', 'total_estimated_cells');
      return { ...nothing, cells, values: { biomaterial_id: biomaterialId, selected_cell_type: types } };
    }
    case 'cell_line':
      return { ...nothing, ...cellLine(content, biomaterialId) };
    case 'organoid':
      return { ...nothing, ...organoid(content, biomaterialId) };
    default:
      return nothing;
  }
}

function donor(content: Members, biomaterialId: string | null): Values {
  return {
    biomaterial_id: biomaterialId,
    biological_sex: content.text('sex', 'biological_sex'),
    genus_species: requiredLabels(content, 'genus_species'),
    development_stage: [content.label('development_stage')],
    diseases: content.filledLabels('diseases', 'disease'),
    ...age(content),
  };
}

function requiredLabels(content: Members, name: string): (string | null)[] {
  content.requiredList(name);
  return content.labels(name);
}

/** Text, so that the age shows as it was entered; the range is absent where there is no age. */
function age(content: Members): Values {
  const value = content.optionalText('organism_age');
  const unit = content.label('organism_age_unit');
  if (value === null) {
    if (unit !== null) throw content.error('organism_age_unit', 'is given, but no age', 'Give the age, or no unit.');
    return { organism_age: null };
  }
  checkWord(content, 'organism_age', value);
  if (unit === null) return { organism_age: value };
  checkWord(content, 'organism_age_unit', unit);
  const range = ageRange(value, unit);
  if ('problem' in range) {
    throw content.error('organism_age', range.problem, 'Write an age like 38, 45-49, 20- or -3, and a unit like year.');
  }
  return { organism_age: `${value} ${unit}`, organism_age_range: range };
}

/** Specification, indexing 8: value and unit are joined by a blank. */
function checkWord(content: Members, name: string, text: string): void {
  if (text === '' || /\s/.test(text))
    throw content.error(name, `is empty or has blanks: '${text}'`, 'Remove the blanks.');
}

function specimen(content: Members, biomaterialId: string | null, input: string | null) {
  const storage = content.optionalObject('preservation_storage');
  return {
    biomaterial_id: biomaterialId,
    has_input_biomaterial: input,
    _source: 'specimen_from_organism',
    disease: content.filledLabels('diseases', 'disease'),
    organ: content.label('organ'),
    organ_part: organParts(content),
    storage_method: storage?.optionalText('storage_method') ?? null,
    preservation_method: storage?.optionalText('preservation_method') ?? null,
    _type: 'specimen',
  };
}

function organParts(content: Members): (string | null)[] {
  const name = content.find('organ_parts', 'organ_part');
  if (name === undefined) return [];
  const value = content.value(name);
  if (value === null || isObject(value)) return content.labelsOf(name, [value]);
  return content.labelsOf(name, content.list(name));
}

function cellLine(content: Members, biomaterialId: string | null): Pick<Facts, 'values' | 'sample'> {
  const organ = content.label('model_organ');
  return {
    values: {
      biomaterial_id: biomaterialId,
      cell_line_type: content.text('type', 'cell_line_type'),
      model_organ: organ,
    },
    sample: { organ, organParts: [null] } satisfies Sample,
  };
}

function organoid(content: Members, biomaterialId: string | null): Pick<Facts, 'values' | 'sample'> {
  const name = content.find('model_organ', 'model_for_organ');
  if (name === undefined) throw content.error('model_organ', 'is missing', 'Say which organ the organoid models.');
  const organ = content.label(name);
  const part = content.label('model_organ_part');
  return {
    values: { biomaterial_id: biomaterialId, model_organ: organ, model_organ_part: part },
    sample: { organ, organParts: [part] },
  };
}
