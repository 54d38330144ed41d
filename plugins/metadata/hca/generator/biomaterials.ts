import { parseVerbatim } from '../../../../core/model/json.ts';
import type { Random } from '../../../../core/model/random.ts';
import { define, type Entity, type Fields, named, type Scene, type Value } from './scene.ts';
import { ontologized, revised } from './terms.ts';
import {
  ageUnits,
  cellLineTypes,
  normal,
  type Organ,
  organs,
  preservationMethods,
  sexes,
  storageMethods,
  type Term,
} from './vocabulary.ts';

/** One biomaterial of a project; it is the same wherever its key is. */
type Make = (scene: Scene, key: string | number, made?: Partial<Made>) => Entity;

/** What a biomaterial was made from or from what it is. */
interface Made {
  readonly from: Entity;
  readonly organ: Organ;
  /** neither organ nor part is known */
  readonly unknown: boolean;
}

const core = (scene: Scene, random: Random, id: string, from: Entity | undefined): Fields => ({
  biomaterial_core: {
    biomaterial_id: id,
    biomaterial_name: random.chance(0.5) ? id.toLowerCase() : undefined,
    biomaterial_description: revised(scene, `Taken on visit ${random.between(1, 9)}`),
    ncbi_taxon_id: [scene.project.species.taxon],
    has_input_biomaterial: random.chance(0.4) && from !== undefined ? identifier(from) : undefined,
  },
});

/** The submitter's name of a biomaterial. */
function identifier(entity: Entity): string {
  return `${entity.type.split('_')[0]}-${entity.id.slice(0, 6)}`;
}

const species = (scene: Scene, random: Random): Fields => ({
  genus_species: [ontologized(random, scene.project.species.species)],
});

function diseases(scene: Scene, random: Random, choice: readonly Term[]): Fields {
  const key = named(scene, 'diseases', 'disease');
  const found = scene.revision > 0 ? choice : random.some(choice, 1);
  switch (random.between(0, 5)) {
    case 0:
      return {};
    case 1:
      return { [key]: [] };
    case 2:
      return { [key]: [ontologized(random, normal)] };
    case 3:
      return { [key]: [null, ...found.map((one) => ontologized(random, one))] };
    default:
      return { [key]: found.map((one) => ontologized(random, one)) };
  }
}

function age(random: Random): Fields {
  const low = random.between(1, 60);
  const unit = ontologized(random, { ...random.pick(ageUnits), id: 'years' });
  switch (random.between(0, 8)) {
    case 0:
      return {};
    case 1:
      return { organism_age: null };
    case 2:
      return { organism_age: `${low}` };
    case 3:
      return { organism_age: `${low}-${low + random.between(1, 9)}`, organism_age_unit: unit };
    case 4:
      return { organism_age: `${low}-`, organism_age_unit: unit };
    case 5:
      return { organism_age: `-${low}`, organism_age_unit: unit };
    case 6:
      return { organism_age: `${low}.5`, organism_age_unit: unit };
    default:
      return { organism_age: `${low}`, organism_age_unit: unit };
  }
}

function stage(scene: Scene, random: Random): Value {
  if (random.chance(0.15)) return random.chance(0.5) ? null : undefined;
  return ontologized(random, random.pick(scene.project.species.stages));
}

export const donor: Make = (scene, key) =>
  define(scene, 'donor_organism', key, (random) => ({
    ...core(scene, random, `donor ${scene.project.index}.${key}`, undefined),
    ...species(scene, random),
    [named(scene, 'sex', 'biological_sex')]: random.pick(sexes),
    is_living: random.pick(['yes', 'no', 'unknown', false]),
    ...age(random),
    development_stage: stage(scene, random),
    ...diseases(scene, random, random.pick(scene.project.organs).diseases),
  }));

function parts(scene: Scene, random: Random, organ: Organ): Fields {
  const labels = organ.parts.map((part) => ontologized(random, part));
  const some = scene.revision > 0 ? labels : labels.slice(0, random.between(1, labels.length));
  switch (random.between(0, 5)) {
    case 0:
      return {};
    case 1:
      return { organ_part: labels[0] };
    case 2:
      return { organ_part: some };
    case 3:
      return { organ_parts: [{}, null, ...some] };
    default:
      return { organ_parts: some };
  }
}

function preservation(random: Random): Fields {
  if (random.chance(0.3)) return {};
  const storage_method = random.chance(0.2) ? undefined : random.pick(storageMethods);
  return { preservation_storage: { storage_method, preservation_method: random.pick(preservationMethods) } };
}

export const specimen: Make = (scene, key, { from, organ, unknown } = {}) =>
  define(scene, 'specimen_from_organism', key, (random) => {
    const taken =
      organ ?? (random.chance(0.7) ? scene.project.organs[0] : undefined) ?? random.pick(scene.project.organs);
    const place = unknown ? {} : { organ: ontologized(random, taken.organ), ...parts(scene, random, taken) };
    return {
      ...core(scene, random, `specimen ${scene.project.index}.${key}`, from),
      ...species(scene, random),
      ...place,
      ...diseases(scene, random, taken.diseases),
      ...preservation(random),
    };
  });

export const cellLine: Make = (scene, key, { from } = {}) =>
  define(scene, 'cell_line', key, (random) => ({
    ...core(scene, random, `line ${scene.project.index}.${key}`, from),
    ...species(scene, random),
    [named(scene, 'type', 'cell_line_type')]: random.pick(cellLineTypes),
    model_organ: random.chance(0.8) ? ontologized(random, random.pick(organs).organ) : undefined,
    growth_conditions: { passage_number: random.between(1, 40), feeder_layer_type: 'feeder-free' },
  }));

export const organoid: Make = (scene, key, { from } = {}) =>
  define(scene, 'organoid', key, (random) => {
    const { organ, parts } = random.pick(organs);
    const unlabelled = { text: organ.text, ontology_label: null };
    const part = parts[0];
    return {
      ...core(scene, random, `organoid ${scene.project.index}.${key}`, from),
      ...species(scene, random),
      [named(scene, 'model_organ', 'model_for_organ')]: random.chance(0.3) ? unlabelled : ontologized(random, organ),
      model_organ_part: random.chance(0.5) && part !== undefined ? ontologized(random, part) : undefined,
      organoid_age: random.between(20, 90),
      embedded_in_matrigel: random.chance(0.5),
    };
  });

function cells(scene: Scene, random: Random): Fields {
  const key = named(scene, 'estimated_cell_count', 'total_estimated_cells');
  if (random.chance(0.2)) return random.chance(0.5) ? {} : { [key]: null };
  return { [key]: random.between(1, 40) * 500 };
}

export const suspension: Make = (scene, key, { from, organ } = {}) =>
  define(scene, 'cell_suspension', key, (random) => {
    const types = random.some((organ ?? random.pick(scene.project.organs)).cells, random.between(0, 2));
    const selected = types.map((type) => ontologized(random, type));
    return {
      ...core(scene, random, `suspension ${scene.project.index}.${key}`, from),
      ...species(scene, random),
      ...(types.length > 0 ? { [named(scene, 'selected_cell_types', 'selected_cell_type')]: selected } : {}),
      ...cells(scene, random),
      cell_morphology: { cell_viability_result: 'pass', percent_cell_viability: random.between(70, 99) },
    };
  });

/** Its thickness keeps the fraction `.0`, which only verbatim numbers do. */
export const imagedSpecimen: Make = (scene, key, { from } = {}) =>
  define(
    scene,
    'imaged_specimen',
    key,
    (random) => ({
      ...core(scene, random, `section ${scene.project.index}.${key}`, from),
      slice_thickness: parseVerbatim(`${random.between(5, 40)}.0`) as Value,
    }),
    { bare: true },
  );
