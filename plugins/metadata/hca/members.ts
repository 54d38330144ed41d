import { LazuliError } from '../../../config/errors.ts';
import { numberOf } from '../../json.ts';
import type { Json } from '../../metadata.ts';
import { distinctSorted } from './order.ts';

export type JsonObject = { readonly [key: string]: Json };

/** Whether a value is a JSON object: no list, no null, no number kept as text. */
export function isObject(value: unknown): value is JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.getPrototypeOf(value) !== null || numberOf(value) === undefined;
}

/** An error that a data wrangler can act on. `entity` is `<schema>/<id>`, `field` a path inside it. */
export function invalid(entity: string, field: string, message: string, remedy: string): LazuliError {
  const place = field === '' ? { entity } : { entity, field };
  return new LazuliError('bundle_invalid', message, { place, remedy });
}

/**
 * The members of one JSON object of a metadata document, read with checks. Wherever several names
 * are given, the first one that is present wins, even if its value is null (specification,
 * plugin-hca 2.1). Every method throws `bundle_invalid`, naming entity and field.
 */
export class Members {
  readonly entity: string;
  readonly path: string;
  readonly json: JsonObject;

  constructor(entity: string, path: string, json: JsonObject) {
    this.entity = entity;
    this.path = path;
    this.json = json;
  }

  /** The first of the names that is present. */
  find(names: readonly string[]): string | undefined {
    for (const name of names) if (this.json[name] !== undefined) return name;
    return undefined;
  }

  /** The names that are asked for are those of schemas: none is a name that every object inherits. */
  value(name: string): Json | undefined {
    return this.json[name];
  }

  error(name: string, problem: string, remedy = 'Correct the metadata of this entity.'): LazuliError {
    return invalid(this.entity, this.at(name), `'${this.at(name)}' ${problem}`, remedy);
  }

  /** required, may be null */
  text(...names: string[]): string | null {
    return this.#text(this.#require(names));
  }

  /** null where absent */
  optionalText(...names: string[]): string | null {
    const name = this.find(names);
    return name === undefined ? null : this.#text(name);
  }

  /** required, not null */
  fullText(...names: string[]): string {
    const name = this.#require(names);
    return this.#text(name) ?? this.#refuse(name, 'is null', 'Give it a value.');
  }

  /** null where absent; a safe integer */
  optionalInteger(...names: string[]): number | null {
    const name = this.find(names);
    if (name === undefined) return null;
    const value = this.value(name);
    if (value === null) return null;
    const number = numberOf(value);
    return Number.isSafeInteger(number) ? (number as number) : this.#refuse(name, `is no whole number: ${show(value)}`);
  }

  integer(name: string): number {
    return this.optionalInteger(this.#require([name])) ?? this.#refuse(name, 'is null', 'Give it a value.');
  }

  optionalBoolean(...names: string[]): boolean | null {
    const name = this.find(names);
    if (name === undefined) return null;
    const value = this.value(name);
    return value === null || typeof value === 'boolean'
      ? value
      : this.#refuse(name, `is neither true nor false: ${show(value)}`);
  }

  object(name: string): Members {
    return this.optionalObject(this.#require([name])) ?? this.#refuse(name, 'is null', 'Give it a value.');
  }

  /** undefined where absent or null */
  optionalObject(name: string): Members | undefined {
    const value = this.value(name);
    if (value === undefined || value === null) return undefined;
    return isObject(value)
      ? new Members(this.entity, this.at(name), value)
      : this.#refuse(name, `is no object: ${show(value)}`);
  }

  /** empty where absent */
  list(...names: string[]): readonly Json[] {
    const name = this.find(names);
    if (name === undefined) return [];
    const value = this.value(name);
    return Array.isArray(value) ? value : this.#refuse(name, `is no list: ${show(value)}`);
  }

  requiredList(name: string): readonly Json[] {
    return this.list(this.#require([name]));
  }

  /** The objects of a list; empty where absent. */
  objects(...names: string[]): Members[] {
    const name = this.find(names) ?? '';
    return this.list(...names).map((value, i) =>
      isObject(value)
        ? new Members(this.entity, `${this.at(name)}.${i}`, value)
        : this.#refuse(`${name}.${i}`, `is no object: ${show(value)}`),
    );
  }

  /** The strings of a list; empty where absent. */
  texts(name: string): string[] {
    return this.list(name).map((value, i) => this.#string(`${name}.${i}`, value));
  }

  /** Label of an ontology term; null where absent or null. */
  label(...names: string[]): string | null {
    const name = this.find(names);
    if (name === undefined) return null;
    const value = this.value(name);
    return value === null || value === undefined ? null : this.labelOf(name, value);
  }

  /** Distinct labels of a list of terms, ascending; empty where absent. */
  labels(...names: string[]): (string | null)[] {
    const name = this.find(names) ?? '';
    return distinctSorted(this.list(...names).map((term, i) => this.labelOf(`${name}.${i}`, term)));
  }

  /** As `labels`, passing over empty elements. */
  filledLabels(...names: string[]): (string | null)[] {
    const name = this.find(names) ?? '';
    return this.labelsOf(name, this.list(...names));
  }

  labelsOf(name: string, terms: readonly Json[]): (string | null)[] {
    return distinctSorted(terms.flatMap((term, i) => (isEmpty(term) ? [] : [this.labelOf(`${name}.${i}`, term)])));
  }

  /** `ontology_label`, else `text`, else `ontology` */
  labelOf(name: string, term: Json): string | null {
    if (!isObject(term)) return this.#refuse(name, `is no ontology term: ${show(term)}`);
    return new Members(this.entity, this.at(name), term).text('ontology_label', 'text', 'ontology');
  }

  at(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`;
  }

  #require(names: readonly string[]): string {
    return this.find(names) ?? this.#refuse(names[0] ?? '', 'is missing', 'Add it to the metadata of this entity.');
  }

  #text(name: string): string | null {
    const value = this.value(name);
    return value === null ? null : this.#string(name, value);
  }

  #string(name: string, value: Json | undefined): string {
    if (typeof value !== 'string') return this.#refuse(name, `is no string: ${show(value)}`);
    if (!value.isWellFormed()) return this.#refuse(name, 'holds half of a surrogate pair, which is no character');
    return value;
  }

  #refuse(name: string, problem: string, remedy?: string): never {
    throw this.error(name, problem, remedy);
  }
}

/** Nothing, in the sense of old metadata: null, false, 0, and empty strings, lists and objects. */
function isEmpty(value: Json): boolean {
  if (typeof value !== 'object' || value === null) return !value;
  return numberOf(value) === undefined ? Object.keys(value).length === 0 : numberOf(value) === 0;
}

const shown = 60;

/** A value in an error message, cut. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > shown ? `${text.slice(0, shown)}…` : text;
}
