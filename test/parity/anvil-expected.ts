import type { Document, Json } from '../../core/model/metadata.ts';
import { anvil } from '../../plugins/metadata/anvil/plugin.ts';
import { expected } from '../rigs/hca/shared.ts';

interface Recorded {
  readonly entity_type: string;
  readonly id: string;
  readonly document: Document;
}

/** The recorded documents by `<entity type>/<entity id>`, with ages as ours have them: pairs, or null where nothing is known. */
export function recordedDocuments(): ReadonlyMap<string, Document> {
  const lines = [...expected<Recorded>('aggregates.ndjson.gz', 'anvil')];
  return new Map(lines.map(({ entity_type: type, id, document }) => [`${type}/${id}`, withRanges(document)]));
}

function withRanges(document: Document): Document {
  const contents = Object.entries(document.contents).map(([role, entities]) => [
    role,
    entities.map((entity) =>
      Object.fromEntries(
        Object.entries(entity).map(([field, value]) => [field, isRange(role, field) ? rangesIn(value) : value]),
      ),
    ),
  ]);
  return { ...document, contents: Object.fromEntries(contents) };
}

const isRange = (role: string, field: string): boolean => anvil.tables[role]?.columns[field]?.type === 'range';

const rangesIn = (value: Json): Json =>
  Array.isArray(value) ? (value as readonly Json[]).map(rangeOf) : rangeOf(value);

function rangeOf(age: Json): Json {
  const { gte, lte } = age as { readonly gte: number | null; readonly lte: number | null };
  return gte === null && lte === null ? null : [gte, lte];
}
