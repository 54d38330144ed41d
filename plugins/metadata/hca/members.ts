import { LazuliError } from '../../../core/config/errors.ts';
import { numberOf } from '../../../core/model/json.ts';
import type { Json } from '../../../core/model/metadata.ts';
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
  readonly json: JsonObject;
  readonly #parent: Members | undefined;
  readonly #name: string;
  readonly #index: number | undefined;

  /**
   * @param name of the object in its parent; empty where it is a document
   * @param index where it is an element of a list of that name
   */
  constructor(entity: string, json: JsonObject, name = '', parent?: Members, index?: number) {
    this.entity = entity;
    this.json = json;
    this.#parent = parent;
    this.#name = name;
    this.#index = index;
  }

  /** The first of the names that is present. */
  find(name: string, older?: string, oldest?: string): string | undefined {
    if (this.json[name] !== undefined) return name;
    if (older !== undefined && this.json[older] !== undefined) return older;
    return oldest !== undefined && this.json[oldest] !== undefined ? oldest : undefined;
  }

  /** The names that are asked for are those of schemas: none is a name that every object inherits. */
  value(name: string): Json | undefined {
    return this.json[name];
  }

  error(name: string, problem: string, remedy = 'Correct the metadata of this entity.'): LazuliError {
    return invalid(this.entity, this.at(name), `'${this.at(name)}' ${problem}`, remedy);
  }

  /** required, may be null */
  text(name: string, older?: string, oldest?: string): string | null {
    const value = this.json[name];
    return isText(value) ? value : this.#text(this.#require(name, older, oldest));
  }

  /** null where absent */
  optionalText(name: string, older?: string): string | null {
    const value = this.json[name];
    if (isText(value)) return value;
    const found = this.find(name, older);
    return found === undefined ? null : this.#text(found);
  }

  /** required, not null */
  fullText(name: string, older?: string): string {
    const value = this.json[name];
    if (isText(value)) return value;
    const found = this.#require(name, older);
    return this.#text(found) ?? this.#refuse(found, 'is null', 'Give it a value.');
  }

  /** null where absent; a safe integer */
  optionalInteger(name: string, older?: string): number | null {
    const found = this.find(name, older);
    if (found === undefined) return null;
    const value = this.value(found);
    if (value === null) return null;
    const number = numberOf(value);
    return Number.isSafeInteger(number)
      ? (number as number)
      : this.#refuse(found, `is no whole number: ${show(value)}`);
  }

  /** null where absent; how many of something there are */
  optionalCount(name: string, older?: string): number | null {
    const number = this.optionalInteger(name, older);
    return number !== null && number < 0
      ? this.#refuse(this.find(name, older) ?? name, `is negative: ${number}`, 'Leave it out where it is not known.')
      : number;
  }

  count(name: string): number {
    return this.optionalCount(this.#require(name)) ?? this.#refuse(name, 'is null', 'Give it a value.');
  }

  optionalBoolean(name: string, older?: string): boolean | null {
    const found = this.find(name, older);
    if (found === undefined) return null;
    const value = this.value(found);
    return value === null || typeof value === 'boolean'
      ? value
      : this.#refuse(found, `is neither true nor false: ${show(value)}`);
  }

  object(name: string): Members {
    return this.optionalObject(this.#require(name)) ?? this.#refuse(name, 'is null', 'Give it a value.');
  }

  /** undefined where absent or null */
  optionalObject(name: string): Members | undefined {
    const value = this.value(name);
    if (value === undefined || value === null) return undefined;
    return isObject(value)
      ? new Members(this.entity, value, name, this)
      : this.#refuse(name, `is no object: ${show(value)}`);
  }

  /** empty where absent */
  list(name: string, older?: string): readonly Json[] {
    const found = this.find(name, older);
    if (found === undefined) return [];
    const value = this.value(found);
    return Array.isArray(value) ? value : this.#refuse(found, `is no list: ${show(value)}`);
  }

  requiredList(name: string): readonly Json[] {
    return this.list(this.#require(name));
  }

  /** The objects of a list; empty where absent. */
  objects(name: string, older?: string): Members[] {
    const found = this.find(name, older) ?? '';
    const objects: Members[] = [];
    for (const [i, value] of this.list(name, older).entries()) {
      if (!isObject(value)) return this.#refuse(element(found, i), `is no object: ${show(value)}`);
      objects.push(new Members(this.entity, value, found, this, i));
    }
    return objects;
  }

  /** The strings of a list; empty where absent. */
  texts(name: string): string[] {
    return this.list(name).map((value, i) => (isText(value) ? value : this.#string(element(name, i), value)));
  }

  /** Label of an ontology term; null where absent or null. */
  label(name: string, older?: string): string | null {
    const found = this.find(name, older);
    if (found === undefined) return null;
    const value = this.value(found);
    return value === null || value === undefined ? null : this.#label(value, found);
  }

  /** Distinct labels of a list of terms, ascending; empty where absent. */
  labels(name: string, older?: string): (string | null)[] {
    const found = this.find(name, older) ?? '';
    return distinctSorted(this.list(name, older).map((term, i) => this.#label(term, found, i)));
  }

  /** As `labels`, passing over empty elements. */
  filledLabels(name: string, older?: string): (string | null)[] {
    return this.labelsOf(this.find(name, older) ?? '', this.list(name, older));
  }

  labelsOf(name: string, terms: readonly Json[]): (string | null)[] {
    const labels: (string | null)[] = [];
    terms.forEach((term, i) => {
      if (!isEmpty(term)) labels.push(this.#label(term, name, i));
    });
    return distinctSorted(labels);
  }

  /** Path of a member: put together when something is wrong, and not before. */
  at(name: string): string {
    const own = element(this.#name, this.#index);
    const path = this.#parent?.at(own) ?? own;
    return path === '' ? name : `${path}.${name}`;
  }

  /** `ontology_label`, else `text`, else `ontology` */
  #label(term: Json, name: string, index?: number): string | null {
    if (!isObject(term)) return this.#refuse(element(name, index), `is no ontology term: ${show(term)}`);
    if (isText(term.ontology_label)) return term.ontology_label;
    return new Members(this.entity, term, name, this, index).text('ontology_label', 'text', 'ontology');
  }

  #require(name: string, older?: string, oldest?: string): string {
    return this.find(name, older, oldest) ?? this.#refuse(name, 'is missing', 'Add it to the metadata of this entity.');
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

function isText(value: Json | undefined): value is string {
  return typeof value === 'string' && value.isWellFormed();
}

/** How paths name an element of a list, or the member itself where there is no index. */
function element(name: string, index: number | undefined): string {
  return index === undefined ? name : `${name}.${index}`;
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
