import type { Json } from '../../../../core/model/metadata.ts';
import { isObject, type Members } from '../members.ts';
import { distinctSorted, nullLast } from '../order.ts';
import type { Values } from './entities.ts';

/** The row of the project (specification, plugin-hca 2.2 and 4.4). */
export function readProject(content: Members): Values {
  const core = content.object('project_core');
  const contributors = distinct(content.objects('contributors').map(contributor), 'contact_name');
  const publications = distinct(content.objects('publications').map(publication), 'publication_title');
  const bionetworks = distinct(content.objects('hca_bionetworks').flatMap(bionetwork), 'name');
  return {
    project_title: core.text('project_title'),
    project_description: core.optionalText('project_description'),
    project_short_name: core.text('project_short_name', 'project_shortname'),
    laboratory: filled(contributors.map((one) => one.laboratory)),
    institutions: filled(contributors.map((one) => one.institution)),
    contact_names: filled(contributors.map((one) => one.contact_name)),
    contributors,
    publication_titles: filled(publications.map((one) => one.publication_title)),
    publications,
    supplementary_links: distinctSorted(content.texts('supplementary_links')),
    _type: 'project',
    accessions: accessions(content),
    is_tissue_atlas_project: bionetworks.some((one) => one.isAtlas === true),
    tissue_atlas: bionetworks.map(({ atlas, version }) => ({ atlas, version })),
    bionetwork_name: bionetworks.map((one) => one.name).sort(nullLast),
    estimated_cell_count: content.optionalCount('estimated_cell_count'),
    data_use_restriction: content.optionalText('data_use_restriction'),
  };
}

function contributor(json: Members) {
  return {
    contact_name: json.text('name', 'contact_name'),
    corresponding_contributor: json.optionalBoolean('corresponding_contributor'),
    email: json.optionalText('email'),
    institution: json.optionalText('institution'),
    laboratory: json.optionalText('laboratory'),
    project_role: isObject(json.value('project_role')) ? json.label('project_role') : json.optionalText('project_role'),
  };
}

function publication(json: Members) {
  return {
    publication_title: json.text('title', 'publication_title'),
    publication_url: json.optionalText('url', 'publication_url'),
    official_hca_publication: json.optionalBoolean('official_hca_publication'),
    doi: json.optionalText('doi'),
  };
}

const bionetworkMembers = new Set([
  'name',
  'atlas_project',
  'hca_tissue_atlas',
  'hca_tissue_atlas_version',
  'schema_version',
]);

/** Empty objects stand for nothing. */
function bionetwork(json: Members) {
  const names = Object.keys(json.json);
  if (names.length === 0) return [];
  const unknown = names.find((name) => !bionetworkMembers.has(name));
  if (unknown !== undefined) {
    throw json.error(unknown, 'is no member of a bionetwork', `Members are: ${[...bionetworkMembers].join(', ')}.`);
  }
  return {
    name: json.text('name'),
    isAtlas: json.optionalBoolean('atlas_project'),
    atlas: json.optionalText('hca_tissue_atlas'),
    version: json.optionalText('hca_tissue_atlas_version'),
    schema: json.optionalText('schema_version'),
  };
}

const suffix = '_accessions';

/** Every list named `<namespace>_accessions`, in the order of the document. */
function accessions(content: Members): readonly Json[] {
  const found: { namespace: string; accession: string }[] = [];
  for (const name of Object.keys(content.json)) {
    if (!name.endsWith(suffix) || name.length === suffix.length) continue;
    if (!name.isWellFormed()) throw content.error(name, 'holds half of a surrogate pair, which is no character');
    content.requiredList(name);
    const namespace = name.slice(0, -suffix.length);
    for (const accession of content.texts(name)) found.push({ namespace, accession });
  }
  return distinct(found, 'accession');
}

/** Distinct non-empty texts in the order of the source. */
function filled(texts: readonly (string | null)[]): string[] {
  return [...new Set(texts.filter((text) => text !== null && text !== ''))] as string[];
}

/**
 * Flat objects with equal members once, in the order of the source.
 *
 * @param telling the member in which they mostly differ
 */
function distinct<T extends Readonly<Record<string, unknown>>>(objects: readonly T[], telling: keyof T): readonly T[] {
  if (new Set(objects.map((object) => object[telling])).size === objects.length) return objects;
  const seen = new Set<string>();
  return objects.filter((object) => {
    const key = JSON.stringify(Object.values(object));
    return seen.has(key) ? false : seen.add(key);
  });
}
