import type { Random } from '../../../../core/model/random.ts';
import { familyNames, givenNames, institutions, laboratories, sentences, title } from './prose.ts';
import { define, type Entity, type Fields, named, type Scene, type Value } from './scene.ts';
import { ontologized } from './terms.ts';
import { projectRoles } from './vocabulary.ts';

const usages = ['NRES', 'GRU', 'GRU-NCU', undefined] as const;

/** The project as the bundle of the scene knows it. */
export function projectOf(scene: Scene): Entity {
  return define(scene, 'project', 0, (random) => {
    const short = `${scene.project.organs[0]?.organ.label ?? 'Body'} atlas ${scene.project.index}`.replaceAll(' ', '');
    const description = scene.project.index % 7 === 3 ? undefined : sentences(random, 4 + scene.revision);
    return {
      project_core: {
        [named(scene, 'project_short_name', 'project_shortname')]: short,
        project_title: title(random, scene.project.organs[0]?.organ.label ?? 'body'),
        project_description: description,
      },
      contributors: contributors(scene, random),
      publications: publications(scene, random),
      ...links(scene, random),
      estimated_cell_count: random.pick([undefined, null, 12_000, 88_000, 1_300_000]),
      data_use_restriction: random.pick(usages),
      ...accessions(random),
      ...bionetworks(random),
      funders: [{ grant_id: `HCA3-${random.hex(4)}`, organization: 'Example Science Foundation' }],
    };
  });
}

function contributors(scene: Scene, random: Random): Value {
  const people = Array.from({ length: random.between(2, 6) + (scene.revision > 0 ? 1 : 0) }, (_, i) =>
    person(scene, random, i),
  );
  return scene.project.index % 9 === 8 ? undefined : people;
}

function person(scene: Scene, random: Random, index: number): Fields {
  const role = random.pick(projectRoles);
  return {
    [named(scene, 'name', 'contact_name')]: `${random.pick(givenNames)},,${random.pick(familyNames)}`,
    email: random.chance(0.8) ? `someone${random.between(1, 99)}@example.org` : null,
    institution: index === 1 && random.chance(0.5) ? '' : random.pick(institutions),
    laboratory: random.chance(0.7) ? random.pick(laboratories) : undefined,
    corresponding_contributor: random.pick([true, false, null, undefined]),
    project_role: random.chance(0.2) ? undefined : scene.dialect.old ? role.text : ontologized(random, role),
    country: 'Nowhere',
  };
}

function publications(scene: Scene, random: Random): Value {
  const count = random.between(0, 3);
  if (count === 0) return random.chance(0.5) ? [] : undefined;
  return Array.from({ length: count }, (_, i) => ({
    authors: [`${random.pick(familyNames)} A`],
    [named(scene, 'title', 'publication_title')]: title(random, 'human body \u{1f9ec}'),
    [named(scene, 'url', 'publication_url')]: random.chance(0.8)
      ? `https://doi.org/10.1000/${random.hex(4)}`
      : undefined,
    official_hca_publication: scene.dialect.old ? undefined : i === 0,
    doi: random.chance(0.8) ? `10.1000/${random.hex(4)}` : undefined,
  }));
}

function links(scene: Scene, random: Random): Fields {
  const atlas = `https://atlas.example/${random.hex(4)}`;
  const news = scene.revision > 0 ? ['https://atlas.example/news'] : [];
  const listed = [atlas, 'https://github.com/example/notebooks', atlas, ...news];
  return random.chance(0.3) && scene.revision === 0 ? {} : { supplementary_links: listed };
}

/** In the order in which documents must list them, which is not that of their names. */
function accessions(random: Random): Fields {
  const study = `SRP${random.between(100_000, 999_999)}`;
  const all: Fields = {
    insdc_project_accessions: [study, `ERP${random.between(100_000, 999_999)}`],
    geo_series_accessions: [`GSE${random.between(10_000, 99_999)}`],
    array_express_accessions: [`E-MTAB-${random.between(100, 9999)}`],
    biostudies_accessions: [],
    ega_accessions: [`EGAS0000${random.between(1000, 9999)}`],
  };
  return Object.fromEntries(Object.entries(all).filter(() => random.chance(0.6)));
}

function bionetworks(random: Random): Fields {
  const name = random.pick(['Kidney', 'Lung', 'Nervous System', 'Organoid']);
  const atlas = { hca_tissue_atlas: name, hca_tissue_atlas_version: `v${random.between(1, 3)}.0` };
  switch (random.between(0, 4)) {
    case 0:
      return {};
    case 1:
      return { hca_bionetworks: [{}, { name, schema_version: '2.0.0' }] };
    case 2:
      return { hca_bionetworks: [{ name, atlas_project: false, ...atlas }, { name: 'Blood' }, { name }] };
    default:
      return { hca_bionetworks: [{ name, atlas_project: true, ...atlas, schema_version: '2.0.0' }] };
  }
}
