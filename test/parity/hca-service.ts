import type { Document } from '../../core/model/metadata.ts';
import { hca } from '../../plugins/metadata/hca/plugin.ts';
import { apiFields, type EntityFields } from '../../query/fields/api-fields.ts';
import { expected } from '../rigs/hca/shared.ts';
import { valuesOf } from '../rigs/reference/values.ts';
import { type Answer, type Service, startService } from '../rigs/service/harness.ts';

/** A service over the expected documents of the sample bundles. */
export interface HcaService extends Service {
  readonly documents: Readonly<Record<string, readonly Document[]>>;
}

/** Entity types that have a list in the API, with the largest page of each. */
export const lists = Object.entries(hca.entityTypes).flatMap(([type, { served }]) =>
  served === undefined ? [] : [{ type, maxPage: served.maxPage }],
);

const fields = apiFields(hca);

export function fieldsOf(type: string): EntityFields {
  const found = fields.get(type);
  if (found === undefined) throw new Error(`There are no documents of ${type}`);
  return found;
}

interface ExpectedDocument {
  readonly entity_type: string;
  readonly document: Document;
}

/** Fields of more different values have every document's. */
const mostValues = 100;

/**
 * Documents enough: the first two with the same values in a field, so that there are ties, and every fifth for fields of very
 * many values. All files are three times as many, and take most of the time to be sent.
 */
export function differing(documents: readonly Document[], type: string): readonly Document[] {
  const picked = new Set(documents.filter((_document, i) => i % 5 === 0));
  for (const field of fieldsOf(type).byName.values()) {
    const byValues = Map.groupBy(documents, (document) => JSON.stringify(valuesOf(document, field)));
    if (byValues.size > mostValues) continue;
    for (const same of byValues.values()) for (const document of same.slice(0, 2)) picked.add(document);
  }
  return documents.filter((document) => picked.has(document));
}

/** @param pick those of the documents of an entity type that are enough; default: all */
export async function startHcaService(
  pick = (documents: readonly Document[], _type: string): readonly Document[] => documents,
): Promise<HcaService> {
  const byType = Map.groupBy(expected<ExpectedDocument>('aggregates.ndjson.gz'), ({ entity_type }) => entity_type);
  const documents = Object.fromEntries(
    [...byType].map(([type, found]) => [
      type,
      pick(
        found.map(({ document }) => document),
        type,
      ),
    ]),
  );
  const sources = documents.projects?.[0]?.sources ?? [];
  const service = await startService({ plugin: hca, catalog: 'hca', sources, documents });
  return Object.assign(service, { documents });
}

/** The answer to a GET that must succeed. */
export async function found(service: Service, path: string): Promise<Answer['body']> {
  const { status, body } = await service.get(path);
  if (status !== 200) throw new Error(`GET ${path}: ${status} ${JSON.stringify(body).slice(0, 500)}`);
  return body;
}

/** What every request gives, a few at a time; in their order. */
export async function each<T, U>(items: readonly T[], request: (item: T) => Promise<U>): Promise<readonly U[]> {
  const results: U[] = [];
  const waiting = items.entries();
  const worker = async (): Promise<void> => {
    for (const [i, item] of waiting) results[i] = await request(item);
  };
  await Promise.all(Array.from({ length: 4 }, worker));
  return results;
}
