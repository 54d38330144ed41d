import type { Document, Json, PresentContext } from '../../../../core/model/metadata.ts';
import { ages, hidden, type Kind } from '../declared/tables.ts';
import { shapeOf } from '../schema.ts';
import { fieldsShown } from './shown.ts';

type Inner = Readonly<Record<string, Json>>;

/**
 * A document in the shape of a hit of the API: the entity that it is about in full, of its surroundings some fields (specification,
 * query-semantics 8).
 */
export function present(document: Document, context: PresentContext): Inner {
  const { entityType } = context;
  const isAccessible = accessible(document, context);
  const inner = Object.entries(document.contents).map(([kind, entities]) => {
    const fields = fieldsShown(entityType, kind as Kind);
    const shown = entities.map((entity) =>
      fields === null ? { ...whole(kind, entity, context), ...isAccessible } : part(entity, fields),
    );
    return [kind, shown];
  });
  return {
    entryId: document.entity_id,
    sources: document.sources.map(({ id, spec }) => ({ source_spec: spec, source_id: id })),
    bundles: document.bundles.map(({ uuid, version }) => ({
      bundle_uuid: uuid,
      bundle_version: version,
      ...(entityType === 'bundles' ? isAccessible : {}),
    })),
    ...Object.fromEntries(inner),
  };
}

/** Whether the caller may see what the entity is of. */
function accessible({ sources }: Document, { accessibleSources }: PresentContext) {
  return { accessible: accessibleSources === 'all' || sources.every(({ id }) => accessibleSources.has(id)) };
}

/** Some fields of what surrounds the entity, where ranges are in lists. */
function part(entity: Inner, fields: readonly string[]): Inner {
  return Object.fromEntries(
    fields.flatMap((field) => {
      const value = entity[field];
      if (value === undefined) return [];
      return [[field, field in ages && Array.isArray(value) ? (value as readonly Json[]).map(age) : value]];
    }),
  );
}

/** A pair of numbers as an object. */
const age = (range: Json): Json => {
  const [gte = null, lte = null] = Array.isArray(range) ? (range as readonly Json[]) : [];
  return { gte, lte };
};

/** The entity that a document is about. */
function whole(kind: string, entity: Inner, context: PresentContext): Inner {
  if (kind === 'activities') return { ...entity, ...ofTable(entity) };
  if (kind === 'files') return { ...entity, ...located(entity, context) };
  const shown = Object.entries(entity).filter(([field]) => !hidden.has(field));
  return Object.fromEntries(shown.map(([field, value]) => [field, field in ages ? age(value) : value]));
}

/** Columns of activities that are lists of some tables, single values of others, or not there. */
function ofTable({ activity_table: table, assay_type, data_modality }: Inner): Inner {
  const asIn = (column: string, value: Json | undefined): Json => {
    const list = Array.isArray(value) ? (value as readonly Json[]) : [value ?? null];
    if (typeof table !== 'string' || shapeOf(table, column) === 'list') return list;
    return shapeOf(table, column) === 'none' ? null : (list[0] ?? null);
  };
  return { assay_type: asIn('assay_type', assay_type), data_modality: asIn('data_modality', data_modality) };
}

/** Where a file is downloaded, under the name that clients of the recorded API know, and under the one that today's browsers read. */
function located({ uuid, version, drs_uri }: Inner, { baseUrl, catalog }: PresentContext): Inner {
  const query = new URLSearchParams({ catalog, version: String(version) });
  const url = drs_uri == null ? null : `${baseUrl}/repository/files/${String(uuid)}?${query}`;
  return { url, azul_url: url };
}
