import { fieldCalled } from '../../../core/model/computed.ts';
import type { Document, Json, MetadataPlugin } from '../../../core/model/metadata.ts';
import { filledIn, type Measure } from '../../../core/model/summary.ts';
import type { ApiField } from '../../../query/fields/api-fields.ts';
import { byBytes, isLong, valuesOf } from './values.ts';

/** A summary by plain counting, of the documents by entity type. */
export function summaryOf(plugin: MetadataPlugin, documents: Readonly<Record<string, readonly Document[]>>): Json {
  return filledIn(plugin.summary ?? {}, (measure) => measured(plugin, measure, documents[measure.of] ?? []));
}

function measured(plugin: MetadataPlugin, measure: Measure, documents: readonly Document[]): Json {
  const values = (field: string) => (document: Document) =>
    valuesOf(document, { ...fieldCalled(plugin, measure.of, field) } as ApiField).filter((value) => !isLong(value));
  const sum = (field: string, of: readonly Document[]) =>
    of.flatMap(values(field)).reduce<number>((total, value) => total + Number(value ?? 0), 0);
  switch (measure.measure) {
    case 'documents':
      return documents.length;
    case 'distinct':
      return new Set(documents.flatMap(values(measure.field))).size;
    case 'sum': {
      const { where } = measure;
      const isNonZero = (document: Document) =>
        values(where?.field ?? '')(document).some((value) => Number(value ?? 0) !== 0);
      return sum(
        measure.field,
        where === undefined ? documents : documents.filter((document) => isNonZero(document) === where.nonZero),
      );
    }
    default: {
      const groups = groupsBy(documents, values(measure.field));
      if (measure.measure === 'terms') return groups.map(({ term }) => term);
      return groups.map(({ term, documents: own }) => {
        const members = Object.entries(measure.members).map(([name, member]) => {
          if (member === 'term') return [name, term];
          if (member === 'term in a list') return [name, [term]];
          return [name, member === 'documents' ? own.length : sum(member.sum, own)];
        });
        return Object.fromEntries(members) as Json;
      });
    }
  }
}

interface Group {
  readonly term: string | null;
  readonly documents: readonly Document[];
}

function groupsBy(documents: readonly Document[], values: (document: Document) => readonly Json[]): readonly Group[] {
  const groups = new Map<string | null, Document[]>();
  for (const document of documents) {
    for (const term of new Set(values(document) as (string | null)[])) {
      groups.set(term, [...(groups.get(term) ?? []), document]);
    }
  }
  const order = (a: Group, b: Group) =>
    b.documents.length - a.documents.length || last(a.term) - last(b.term) || byBytes(a.term ?? '', b.term ?? '');
  return [...groups].map(([term, own]) => ({ term, documents: own })).sort(order);
}

const last = (term: string | null): number => (term === null ? 1 : 0);
