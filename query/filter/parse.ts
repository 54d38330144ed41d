import { wholeJson } from '../../core/config/text.ts';
import type { Filter, RangeRelation } from '../../core/documents/filter.ts';
import { refusal, shown } from '../../core/http/refusal.ts';
import { accessibleField } from '../../core/model/envelope.ts';
import type { ApiField, EntityFields } from '../fields/api-fields.ts';
import { isRelation, rangeRelation } from './relations.ts';

/** What the `filters` parameter says, for one entity type. */
export interface ParsedFilters {
  /** as given, for links */
  readonly given: Readonly<Record<string, unknown>>;
  /** all must be met; those on access aside */
  readonly clauses: readonly Clause[];
  /** ids that the caller asks for; undefined where no filter says so */
  readonly sources: readonly string[] | undefined;
  readonly accessible: ReadonlySet<boolean> | undefined;
}

/** A condition and the field that it is about: a facet ignores the clause on its own field. */
export interface Clause {
  readonly field: string;
  readonly filter: Filter;
}

const relations = ['is', 'contains', 'within', 'intersects'] as const;
type Relation = (typeof relations)[number];

/**
 * Parses the filter language (specification, query-semantics 2).
 *
 * @throws LazuliError `bad_request`
 */
export function parseFilters(text: string, fields: EntityFields): ParsedFilters {
  const given = parseObject(text);
  const clauses: Clause[] = [];
  let sources: readonly string[] | undefined;
  let accessible: ReadonlySet<boolean> | undefined;
  for (const [name, entry] of Object.entries(given)) {
    if (name === accessibleField) {
      accessible = new Set(accessibleValues(entry));
      continue;
    }
    const field = fieldNamed(fields, name);
    if (name === fields.sourceId) sources = sourceValues(name, entry);
    else clauses.push({ field: name, filter: clause(field, entry) });
  }
  return { given, clauses, sources, accessible };
}

/**
 * The field of that name, which filters, sorts and facets use.
 *
 * @throws LazuliError `bad_request`
 */
export function fieldNamed(fields: EntityFields, name: string): ApiField {
  const field = fields.byName.get(name);
  if (field !== undefined) return field;
  throw refusal(`Unknown field \`${name.slice(0, 80)}\`.`, `The fields are ${[...fields.byName.keys()].join(', ')}.`);
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = wholeJson(text);
  } catch (error) {
    throw refusal(
      `The 'filters' parameter is not valid JSON: ${(error as Error).message}.`,
      'Write it like {"organ": {"is": ["brain"]}}, percent-encoded in a URL.',
    );
  }
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>;
  throw refusal(
    `The \`filters\` parameter must be a dictionary, not ${shown(value)}.`,
    'Write it like {"organ": {"is": ["brain"]}}.',
  );
}

function clause(field: ApiField, entry: unknown): Filter {
  const { relation, values } = parseEntry(field.name, entry, relations);
  const allowed = allowedRelations(field);
  if (!allowed.includes(relation)) {
    throw refusal(
      `The field \`${field.name}\` can't be filtered by the \`${relation}\` relation: invalid value for \`filters\`.`,
      `Use ${allowed.join(', ')}.`,
    );
  }
  return relation === 'is' ? isRelation(field, values) : rangeRelation(field, relation as RangeRelation, values);
}

/** Relations that mean something for a field. */
export function allowedRelations({ type }: Pick<ApiField, 'type'>): readonly Relation[] {
  if (type === 'range') return relations;
  return type === 'int' || type === 'float' || type === 'datetime' ? ['is', 'within'] : ['is'];
}

function sourceValues(name: string, entry: unknown): readonly string[] {
  const { values } = parseEntry(name, entry, ['is']);
  const ids = values.map((value) => {
    if (typeof value === 'string') return value;
    throw neverNull(name, value, 'the ids of sources, as strings');
  });
  return [...new Set(ids)];
}

function accessibleValues(entry: unknown): readonly boolean[] {
  const { values } = parseEntry(accessibleField, entry, ['is']);
  return values.map((value) => {
    if (value === true || value === 'true') return true;
    if (value === false || value === 'false') return false;
    throw neverNull(accessibleField, value, 'true or false');
  });
}

function neverNull(name: string, value: unknown, remedy: string) {
  const what = value === null ? 'does not support null values' : `does not support the value ${shown(value)}`;
  return refusal(`The \`${name}\` field ${what} in \`filters\`.`, `Write ${remedy}.`);
}

function parseEntry(name: string, entry: unknown, allowed: readonly Relation[]) {
  const members = entry !== null && typeof entry === 'object' && !Array.isArray(entry) ? Object.entries(entry) : [];
  const [member] = members;
  if (member === undefined || members.length > 1) {
    throw refusal(
      `The \`filters\` parameter entry for \`${name}\` must be a single-item dictionary, not ${shown(entry)}.`,
      `Write one relation and its values, like {"${name}": {"is": […]}}.`,
    );
  }
  const relation = allowed.find((known) => known === member[0]);
  if (relation === undefined) {
    throw refusal(
      `The relation in the \`filters\` parameter entry for \`${name}\` must be one of ${allowed.join(', ')}, not ${shown(member[0])}.`,
      `Write it like {"${name}": {"is": […]}}.`,
    );
  }
  if (!Array.isArray(member[1])) {
    throw refusal(
      `The value of the \`${relation}\` relation in the \`filters\` parameter entry for \`${name}\` is not a list.`,
      'Put it into square brackets.',
    );
  }
  return { relation, values: member[1] as readonly unknown[] };
}
