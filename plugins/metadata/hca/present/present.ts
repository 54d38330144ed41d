import type { Document, Json, PresentContext } from '../../../../core/model/metadata.ts';
import { donors, entities, type Hit, type Inner, protocols, samples } from './entities.ts';
import { fileSummaries, files } from './files.ts';
import { projects } from './projects.ts';

/**
 * A document in the shape of a hit of the API. Fields of the entity that the document is about are
 * scalars, those of its surroundings lists; missing properties are null, missing kinds of entities
 * empty lists (specification, query-semantics 7).
 */
export function present(document: Document, context: PresentContext): Hit {
  const { entityType } = context;
  const { contents } = document;
  const showsFiles = entityType === 'files' || entityType === 'bundles';
  const hit = {
    protocols: protocols(contents),
    entryId: document.entity_id,
    sources: document.sources.map(({ id, spec }) => ({ sourceId: id, sourceSpec: spec })),
    projects: projects(contents, context),
    samples: samples(contents, entityType),
    specimens: entities(contents, 'specimens'),
    cellLines: entities(contents, 'cell_lines'),
    donorOrganisms: donors(contents),
    organoids: entities(contents, 'organoids'),
    cellSuspensions: entities(contents, 'cell_suspensions'),
    dates: entities(contents, 'dates'),
    ...(showsFiles
      ? { bundles: bundles(document), files: files(contents, context) }
      : { fileTypeSummaries: fileSummaries(contents) }),
  };
  return { ...hit, ...marked(hit, document, context) };
}

function bundles({ bundles: list }: Document): Inner[] {
  return list.map(({ uuid, version }) => ({ bundleUuid: uuid, bundleVersion: version }));
}

/** The entity that the document is about says whether its source may be seen. */
function marked(
  hit: Readonly<Record<string, Json>>,
  { sources }: Document,
  { entityType, accessibleSources }: PresentContext,
): Hit {
  const list = hit[entityType];
  if (!Array.isArray(list)) return {};
  const accessible = accessibleSources === 'all' || sources.every(({ id }) => accessibleSources.has(id));
  return { [entityType]: list.map((entity) => ({ ...entity, accessible })) };
}
