import { createHash } from 'node:crypto';
import { z } from 'zod';
import { computedFields } from '../model/computed.ts';
import { type DocumentField, documentFields, hasRest, isText, showsList } from '../model/fields.ts';
import type { MetadataPlugin } from '../model/metadata.ts';

/**
 * The form of indexed documents, and of what an index says about them in its `_meta`. Raised when either changes.
 * Whoever reads knows this form and the two before it: code and indices aren't exchanged at the same moment.
 * In an index of form 3 texts of more than 256 characters can be neither found nor sorted by; in one of form 4 what a
 * limit cut isn't found, and the documents don't say how much it was.
 */
export const documentForm = 5;

/** What the index of one entity type says of the documents that it was made for. Never changed once it is made. */
export interface DocumentLayout {
  /** the form of documents */
  readonly layout: number;
  readonly plugin: string;
  readonly pluginVersion: number;
  /** the same for all indices that were made from the same declarations: names the layout of a whole generation */
  readonly hash: string;
  /** of its generation */
  readonly entityTypes: readonly string[];
  /**
   * What each field that a plug-in declares looks like, and then how it is found, by its path: `int`, `[string]` for a
   * list, `[object] nested atlas:string`, `string whole` where texts of any length are found, `string stored` where none is.
   */
  readonly fields: Readonly<Record<string, string>>;
}

/** The layout of documents as a plug-in declares it now. */
export function documentLayout(plugin: MetadataPlugin, entityType: string): DocumentLayout {
  const computed = computedFields(plugin, entityType).map(({ name, type }) => [name, type] as const);
  const declared = documentFields(plugin, entityType).map((field) => [field.path, `${shown(field)}${found(field)}`]);
  return {
    layout: documentForm,
    plugin: plugin.name,
    pluginVersion: plugin.version,
    hash: layoutHash(plugin),
    entityTypes: Object.keys(plugin.entityTypes),
    fields: Object.fromEntries([...computed, ...declared]),
  };
}

/**
 * Changes with everything that documents depend on; not with names in the API and how documents are served, but with
 * whether a limited field has a name: else nothing finds what its limit cuts.
 */
export function layoutHash(plugin: MetadataPlugin): string {
  const { name, version, tables, roles, entityTypes } = plugin;
  const held = Object.entries(roles).map(([role, { fields: _, ...rest }]) => [role, rest]);
  const types = Object.entries(entityTypes).map(([type, { roles: shapes, computed }]) => [
    type,
    shapes,
    Object.entries(computed).map(([field, { api: _, ...rest }]) => [field, rest]),
  ]);
  const rests = Object.keys(entityTypes).map((type) =>
    documentFields(plugin, type)
      .filter(hasRest)
      .map(({ path }) => path),
  );
  const declared = JSON.stringify([documentForm, name, version, tables, held, types, rests]);
  return createHash('sha256').update(declared).digest('hex').slice(0, 16);
}

/** Has no blank. */
const shown = (field: DocumentField): string => (showsList(field) ? `[${field.shownType}]` : field.shownType);

function found({ shownType, searchable, members }: DocumentField): string {
  if (!searchable || shownType === 'counts') return ' stored';
  if (isText(shownType)) return wholeTexts;
  if (shownType !== 'object') return '';
  if (members === undefined) return ' stored';
  const found = Object.entries(members).map(([name, type]) => `${name}:${type}`);
  return ` nested ${found.join(' ')}${Object.values(members).some(isText) ? wholeTexts : ''}`;
}

const wholeTexts = ' whole';

/** Whether texts of a field are found whatever their length. */
export const findsWhole = ({ fields }: DocumentLayout, path: string): boolean =>
  fields[path]?.endsWith(wholeTexts) === true;

/** Whether an index of a layout has a field as the plug-in declares it; it may find long texts or not. */
export function foundAlike({ fields }: DocumentLayout, own: DocumentLayout, path: string): boolean {
  return withoutWhole(fields[path]) === withoutWhole(own.fields[path]);
}

const withoutWhole = (field: string | undefined): string | undefined =>
  field?.endsWith(wholeTexts) ? field.slice(0, -wholeTexts.length) : field;

/** Whether documents of a layout show a field in the way in which the plug-in declares it, however it is found. */
export function showsAlike({ fields }: DocumentLayout, own: DocumentLayout, path: string): boolean {
  return looks(fields[path]) === looks(own.fields[path]);
}

const looks = (field: string | undefined): string | undefined => field?.split(' ', 1)[0];

/** OpenSearch takes no more fields in an index. */
const mostFields = 1000;

const told = z.object({
  plugin: z.string(),
  pluginVersion: z.int(),
  layout: z.literal([documentForm, documentForm - 1, documentForm - 2]),
  hash: z.string().max(64),
  entityTypes: z.array(z.string()).max(mostFields),
  fields: z.record(z.string(), z.string()).refine((fields) => Object.keys(fields).length <= mostFields),
});

/**
 * What an index says of its documents.
 *
 * @param meta `_meta` of its mapping
 * @param own the layout of the same entity type that is declared now
 * @returns null for a layout that can't be read: of another plug-in, or in a form that this code doesn't know
 */
export function readLayout(meta: unknown, own: DocumentLayout): DocumentLayout | null {
  const { data } = told.safeParse(meta);
  return data === undefined || data.plugin !== own.plugin ? null : data;
}
