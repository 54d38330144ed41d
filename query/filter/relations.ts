import {
  all,
  any,
  everything,
  type Filter,
  nothing,
  type RangeRelation,
  type Scalar,
} from '../../core/documents/filter.ts';
import { maxTermLength } from '../../core/documents/index-layout.ts';
import { refusal, shown } from '../../core/http/refusal.ts';
import { type ApiField, valuesPath } from '../fields/api-fields.ts';
import { maxTerms } from './opensearch.ts';
import { invalid, momentValue, numberValue, scalarValue } from './values.ts';

/** More ranges or objects in one entry would be more clauses than the search engine takes. */
const maxClauses = 100;
/** Whole numbers beyond are not in the index. */
const maxInt = 2 ** 63;

/**
 * One of these values; null stands for null, absent and lists that contain null.
 *
 * @throws LazuliError `bad_request`
 */
export function isRelation(field: ApiField, values: readonly unknown[]): Filter {
  const present = values.filter((value) => value !== null);
  checkNumber(field, present.length, field.type === 'object' ? maxClauses : maxTerms);
  const alternatives = present.length === 0 ? [] : presentValues(field, present);
  if (present.length < values.length) alternatives.push(isNull(field));
  return any(alternatives);
}

function presentValues(field: ApiField, values: readonly unknown[]): Filter[] {
  if (field.type === 'object') return values.map((value) => objectValue(field, value));
  if (field.type === 'range') {
    throw refusal(
      `The \`is\` relation in the \`filters\` parameter entry for \`${field.name}\` supports null only.`,
      'Ranges are compared by `within`, `contains` and `intersects`.',
    );
  }
  const terms = values.map((value) => scalarValue(field, value));
  if (!field.indexed) return [nothing];
  const possible = field.type === 'int' ? terms.filter((term) => Math.abs(Number(term)) < maxInt) : terms;
  return foundValues(field, possible);
}

/** Texts that no facet lists are looked for elsewhere, where it takes longer. */
function foundValues(field: ApiField, values: readonly Scalar[], member?: string): Filter[] {
  const own = member === undefined ? field.path : `${field.path}.${member}`;
  const whole = valuesPath(field, member);
  const isLong = (value: Scalar): boolean => typeof value === 'string' && value.length > maxTermLength;
  const long = whole === own ? [] : values.filter(isLong);
  const others = long.length === 0 ? values : values.filter((value) => !isLong(value));
  const found: Filter[] = [{ kind: 'terms', path: own, values: others }];
  return long.length === 0 ? found : [...found, { kind: 'terms', path: whole, values: long }];
}

/**
 * The field is null, holds null, or isn't there; of objects: there is none, or one without its first member. The facet of
 * objects counts as null what this finds.
 */
export function isNull(field: ApiField): Filter {
  if (!field.indexed) return everything;
  if (field.type !== 'object') return { kind: 'null', path: field.path };
  const [first] = Object.keys(field.members);
  const somewhere: Filter = { kind: 'nested', path: field.path, of: everything };
  const empty: Filter = {
    kind: 'nested',
    path: field.path,
    of: { kind: 'absent', path: `${field.path}.${first}` },
  };
  return any([{ kind: 'not', of: somewhere }, empty]);
}

/** All properties given are met by one and the same object. A term of the facet stands for its first property. */
function objectValue(field: ApiField, value: unknown): Filter {
  const names = Object.keys(field.members);
  const [first] = names;
  const properties = field.facet && typeof value === 'string' && first !== undefined ? { [first]: value } : value;
  if (properties === null || typeof properties !== 'object' || Array.isArray(properties)) {
    throw refusal(
      `The value of the \`is\` relation in the \`filters\` parameter entry for \`${field.name}\` must contain a dictionary, not ${shown(value)}.`,
      `Give one or more of the properties ${names.join(', ')}.`,
    );
  }
  const wrong = Object.keys(properties).filter((name) => !Object.hasOwn(field.members, name));
  if (wrong.length > 0) {
    throw refusal(
      `The value of the \`is\` relation in the \`filters\` parameter entry for \`${field.name}\` has invalid properties ${shown(wrong)}.`,
      `Its properties are ${names.join(', ')}.`,
    );
  }
  if (!field.indexed) return nothing;
  const conditions = Object.entries(properties).map(([name, member]) => memberValue(field, name, member));
  return { kind: 'nested', path: field.path, of: all(conditions) };
}

function memberValue(field: ApiField, name: string, value: unknown): Filter {
  const path = `${field.path}.${name}`;
  if (value === null) return { kind: 'absent', path };
  const type = field.members[name];
  if (type === undefined || type === 'counts' || type === 'object' || type === 'range') {
    throw invalid(field, value, 'another property');
  }
  const scalar = scalarValue({ ...field, name: `${field.name}.${name}`, type }, value);
  return any(foundValues(field, [scalar], name));
}

/**
 * Every one of these ranges is met, each by a value of its own if need be.
 *
 * @throws LazuliError `bad_request`
 */
export function rangeRelation(field: ApiField, relation: RangeRelation, values: readonly unknown[]): Filter {
  checkNumber(field, values.length, maxClauses);
  const clauses = values.map((value) => rangeClause(field, relation, value));
  return field.indexed ? all(clauses) : values.length === 0 ? everything : nothing;
}

function rangeClause(field: ApiField, relation: RangeRelation, value: unknown): Filter {
  const pair = relation === 'contains' && !Array.isArray(value) ? [value, value] : value;
  if (!Array.isArray(pair) || pair.length !== 2 || (pair[0] === null && pair[1] === null)) {
    throw invalid(field, value, `a pair [low, high] in the list of the \`${relation}\` relation`);
  }
  const [low, high] = pair as [unknown, unknown];
  if (field.type === 'datetime') return between(field, value, moment(field, low), moment(field, high));
  const clause = between(field, value, number(field, low), number(field, high));
  if (field.type === 'range' && clause.kind === 'between') {
    const { path, low: from, high: to } = clause;
    return { kind: relation, path, low: from as number | null, high: to as number | null };
  }
  return field.type === 'int' ? whole(clause) : clause;
}

function between<T extends string | number>(field: ApiField, value: unknown, low: T | null, high: T | null): Filter {
  if (low !== null && high !== null && low > high) {
    throw invalid(field, value, 'the lower end first');
  }
  return { kind: 'between', path: field.path, low, high };
}

/** Ends beyond what the index can hold are open. */
function whole(clause: Filter): Filter {
  if (clause.kind !== 'between') return clause;
  const [low, high] = [Number(clause.low ?? -Infinity), Number(clause.high ?? Infinity)];
  if (low >= maxInt || high <= -maxInt) return nothing;
  return { ...clause, low: low <= -maxInt ? null : low, high: high >= maxInt ? null : high };
}

const number = (field: ApiField, value: unknown) => (value === null ? null : numberValue(field, value));
const moment = (field: ApiField, value: unknown) => (value === null ? null : momentValue(field, value));

function checkNumber(field: ApiField, given: number, most: number): void {
  if (given <= most) return;
  throw refusal(
    `The \`filters\` parameter entry for \`${field.name}\` has ${given} values; ${most} is the most.`,
    'Split the request.',
  );
}
