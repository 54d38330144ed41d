import { z } from 'zod';
import { documentFields } from '../../../../core/model/fields.ts';
import { shownField } from '../../../../core/model/shown.ts';
import { entityTypes } from '../declared/entity-types.ts';
import { roles } from '../declared/roles.ts';
import { tables } from '../declared/tables.ts';
import { protocolRoles, type Shape, sampleKinds, shapes } from './entities.ts';
import { fileShape, fileSummaryShape } from './files.ts';
import { contributorShape, projectShape, publicationShape } from './projects.ts';

/** Schemas of the entities in the documents of one entity type. */
type Entities = (role: string, shape: Shape) => z.ZodObject;

/** What `present` gives for an entity type (specification, query-semantics 7), derived from the declarations. */
export function hit(entityType: string): z.ZodType {
  const entity = entitiesIn(entityType);
  const lists = {
    protocols: z.array(z.union(protocolRoles.map((role) => entity(role, shapes[role])))),
    projects: z.array(projectIn(entityType, entity)),
    samples: z.array(z.union(samplesIn(entityType, entity))),
    specimens: z.array(entity('specimens', shapes.specimens)),
    cellLines: z.array(entity('cell_lines', shapes.cell_lines)),
    donorOrganisms: z.array(entity('donors', shapes.donors)),
    organoids: z.array(entity('organoids', shapes.organoids)),
    cellSuspensions: z.array(entity('cell_suspensions', shapes.cell_suspensions)),
    dates: z.array(entity('dates', shapes.dates)),
  };
  return z.object({
    entryId: z.string(),
    sources: z.array(z.object({ sourceId: z.string(), sourceSpec: z.string() })),
    ...lists,
    ...filesIn(entityType, entity),
  });
}

function entitiesIn(entityType: string): Entities {
  const fields = documentFields({ tables, roles, entityTypes }, entityType);
  const byName = new Map(fields.map((field) => [`${field.role}.${field.name}`, field]));
  return (role, shape) => {
    const properties = Object.entries(shape).map(([name, field]) => {
      const declared = byName.get(`${role}.${field}`);
      return [name, declared === undefined ? z.null() : shownField(declared)] as const;
    });
    return z.object(Object.fromEntries(properties));
  };
}

/** The entity that the document is about says whether the caller may see its source. */
const markedIn = (entityType: string, list: string) => (entityType === list ? { accessible: z.boolean() } : {});

function samplesIn(entityType: string, entity: Entities): z.ZodObject[] {
  return sampleKinds.map(({ role, kind, api, organ }) => {
    const one = entityType === 'samples';
    return entity(role, { ...shapes[kind], effectiveOrgan: organ }).extend({
      sampleEntityType: one ? z.literal(api) : z.array(z.literal(api)),
      ...markedIn(entityType, 'samples'),
    });
  });
}

function projectIn(entityType: string, entity: Entities): z.ZodObject {
  const lists = { laboratory: 'laboratory', tissueAtlas: 'tissue_atlas' };
  const project = entity('projects', { ...projectShape, ...lists });
  if (entityType !== 'projects') return project;
  return project.extend({
    ...entity('projects', {
      projectDescription: 'project_description',
      supplementaryLinks: 'supplementary_links',
      accessions: 'accessions',
    }).shape,
    contributors: z.array(texts(contributorShape).extend({ correspondingContributor: z.boolean().nullable() })),
    publications: z.array(texts(publicationShape).extend({ officialHcaPublication: z.boolean().nullable() })),
    matrices: tree,
    contributedAnalyses: tree,
    ...markedIn(entityType, 'projects'),
  });
}

/** The core holds these as they are in the bundle. */
const texts = (shape: Shape): z.ZodObject =>
  z.object(Object.fromEntries(Object.keys(shape).map((name) => [name, z.string().nullable()])));

const url = z.string().nullable().meta({ description: 'Where to download it.' });
const urls = { url, azul_url: url };
const file = entitiesIn('files')('files', fileShape).extend(urls);

/** Files by dimension and value, by another dimension and value, and so on. */
const tree: z.ZodType = z
  .record(
    z.string(),
    z.record(
      z.string(),
      z.lazy(() => z.union([z.array(file), tree])),
    ),
  )
  .meta({ id: 'HcaMatrices', description: 'Files by dimension and value, by the next dimension and value, …' });

function filesIn(entityType: string, entity: Entities) {
  if (entityType !== 'files' && entityType !== 'bundles') {
    return { fileTypeSummaries: z.array(entity('files', fileSummaryShape)) };
  }
  const bundle = z.object({ bundleUuid: z.string(), bundleVersion: z.string(), ...markedIn(entityType, 'bundles') });
  const shown = entity('files', fileShape).extend({ ...urls, ...markedIn(entityType, 'files') });
  return { bundles: z.array(bundle), files: z.array(shown) };
}
