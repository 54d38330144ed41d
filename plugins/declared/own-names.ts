import { type DocumentField, documentFields } from '../../core/model/fields.ts';
import type { EntityType, MetadataPlugin } from '../../core/model/metadata.ts';
import { apiNameProblems } from './names.ts';
import { envelopeNames } from './uses.ts';

/** Of a pattern of ids. */
const maxPattern = 500;
const pointerPattern = /^(?:\/(?:[^~/]|~[01])*)+$/;

/** What is wrong with what entity types say of their ids, and with names that fields have for one of them alone. */
export function* ownNameProblems(plugin: MetadataPlugin): Generator<string> {
  for (const [type, declared] of Object.entries(plugin.entityTypes)) {
    yield* idProblems(type, declared);
    const wrong = [...Object.entries(declared.api ?? {})].flatMap((named) => [...renameProblems(plugin, type, named)]);
    yield* wrong;
    if (wrong.length === 0) yield* twiceProblems(plugin, type, declared);
  }
  yield* otherTypeProblems(plugin);
  for (const pointer of plugin.sensitive ?? [])
    if (!pointerPattern.test(pointer))
      yield `'${pointer}' is sensitive, but no JSON pointer: write /member/*/member, with * for any one`;
}

function* idProblems(type: string, { id }: EntityType): Generator<string> {
  if (id === undefined) return;
  if (id === '' || id.length > maxPattern)
    yield `ids of ${type} have a pattern of ${id.length} characters: 1 to ${maxPattern} are taken`;
  else if (!isPattern(id)) yield `ids of ${type} have the pattern '${id}', which is no regular expression`;
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(`^(?:${text})$`, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}

/** A field has another name for a type, never one for it alone: what a limit cuts is found by name. */
function* renameProblems(plugin: MetadataPlugin, type: string, [path, name]: [string, string]): Generator<string> {
  const [role = '', field = ''] = path.split('.');
  yield* apiNameProblems(name, `${path} of ${type}`);
  const shown = documentFields(plugin, type).find((known) => known.path === `contents.${path}`);
  if (shown === undefined) return yield `${type} gives a name in the API to '${path}', which its documents don't have`;
  const general = plugin.roles[role]?.fields?.[field]?.api;
  if (general === undefined)
    yield `${type} gives a name in the API to '${path}', which has none elsewhere: give it one in its role`;
  else if (besides(plugin).includes(general))
    yield `${type} gives another name in the API to '${path}', which is beside the terms of a facet: leave it out`;
}

const besides = ({ roles }: MetadataPlugin): readonly (string | undefined)[] =>
  Object.values(roles).flatMap(({ fields = {} }) => Object.values(fields).map(({ beside }) => beside));

function* twiceProblems(plugin: MetadataPlugin, type: string, { computed, api }: EntityType): Generator<string> {
  if (api === undefined) return;
  const seen = new Set(envelopeNames(plugin));
  const own = documentFields(plugin, type).flatMap(({ use }) => use.api ?? []);
  for (const name of [...Object.values(computed).flatMap((field) => field.api ?? []), ...own]) {
    if (seen.has(name)) yield `API name '${name}' stands for two fields of ${type}: choose another one`;
    seen.add(name);
  }
}

/** A name may stand for other fields in documents of other types, but not for values of another type: callers write them alike. */
function* otherTypeProblems(plugin: MetadataPlugin): Generator<string> {
  const known = new Map<string, DocumentField>();
  const all = Object.keys(plugin.entityTypes).flatMap((type) => documentFields(plugin, type));
  for (const field of all) {
    const name = field.use.api;
    const other = name === undefined ? undefined : known.get(name);
    if (other !== undefined && other.path !== field.path && other.shownType !== field.shownType)
      yield `API name '${name}' stands for ${other.shownType} in documents of ${other.entityType}, and for ${field.shownType} in those of ${field.entityType}: choose another one`;
    if (name !== undefined && other === undefined) known.set(name, field);
  }
}
