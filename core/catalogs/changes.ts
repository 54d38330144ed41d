import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { Catalog, Catalogs } from '../config/catalogs.ts';
import { pointerPart } from '../config/json-pointer.ts';

/** What differs in a catalog that is in both versions. */
export interface CatalogChange {
  readonly catalog: string;
  readonly sourcesAdded: readonly string[];
  readonly sourcesRemoved: readonly string[];
  /** everything else */
  readonly settings: readonly SettingChange[];
}

/** A member that differs, by its JSON pointer; undefined where it is absent. */
export interface SettingChange {
  readonly member: string;
  readonly from: unknown;
  readonly to: unknown;
}

/** What differs between two versions of the catalogs. */
export interface CatalogsChange {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly CatalogChange[];
  /** null where it is the same, or there was none */
  readonly defaultCatalog: { readonly from: string; readonly to: string | null } | null;
}

/** How much differs, for a line of the history. */
export const changeCountsSchema = z.strictObject({
  catalogsAdded: z.int().min(0),
  catalogsRemoved: z.int().min(0),
  catalogsChanged: z.int().min(0),
  /** those of added and removed catalogs too */
  sourcesAdded: z.int().min(0),
  sourcesRemoved: z.int().min(0),
});
export type ChangeCounts = z.output<typeof changeCountsSchema>;

/** @param from catalogs that are parsed, as `to` */
export function changeOf(from: Catalogs, to: Catalogs): CatalogsChange {
  const both = Object.keys(to).filter((name) => Object.hasOwn(from, name));
  const [before = null] = Object.keys(from);
  const [after = null] = Object.keys(to);
  return {
    added: Object.keys(to).filter((name) => !Object.hasOwn(from, name)),
    removed: Object.keys(from).filter((name) => !Object.hasOwn(to, name)),
    changed: both.flatMap((name) => catalogChange(name, from[name] as Catalog, to[name] as Catalog)),
    defaultCatalog: before === after || before === null ? null : { from: before, to: after },
  };
}

export function countsOf({ added, removed, changed }: CatalogsChange, from: Catalogs, to: Catalogs): ChangeCounts {
  const sources = (names: readonly string[], catalogs: Catalogs): number =>
    names.reduce((sum, name) => sum + new Set(catalogs[name]?.sources).size, 0);
  const sum = (of: (change: CatalogChange) => readonly string[]): number =>
    changed.reduce((all, change) => all + of(change).length, 0);
  return {
    catalogsAdded: added.length,
    catalogsRemoved: removed.length,
    catalogsChanged: changed.length,
    sourcesAdded: sources(added, to) + sum(({ sourcesAdded }) => sourcesAdded),
    sourcesRemoved: sources(removed, from) + sum(({ sourcesRemoved }) => sourcesRemoved),
  };
}

/** None where only the order of sources differs: it means nothing. */
function catalogChange(catalog: string, from: Catalog, to: Catalog): readonly CatalogChange[] {
  const [{ sources: before, ...others }, { sources: after, ...ours }] = [from, to];
  const sourcesAdded = lackedBy(before, after);
  const sourcesRemoved = lackedBy(after, before);
  const settings = settingChanges('', others, ours);
  if (sourcesAdded.length + sourcesRemoved.length + settings.length === 0) return [];
  return [{ catalog, sourcesAdded, sourcesRemoved, settings }];
}

function lackedBy(known: readonly string[], specs: readonly string[]): readonly string[] {
  const all = new Set(known);
  return [...new Set(specs)].filter((spec) => !all.has(spec));
}

function settingChanges(member: string, from: unknown, to: unknown): readonly SettingChange[] {
  if (isDeepStrictEqual(from, to)) return [];
  if (!isObject(from) || !isObject(to)) return [{ member, from, to }];
  const names = [...new Set([...Object.keys(from), ...Object.keys(to)])];
  return names.flatMap((name) => settingChanges(`${member}/${pointerPart(name)}`, from[name], to[name]));
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
