import { documentFields, roleFields } from '../../core/model/fields.ts';
import { fieldsRead, type ManifestShape, type VerbatimColumn } from '../../core/model/manifests.ts';
import type { MetadataPlugin } from '../../core/model/metadata.ts';

/** What is wrong with the manifests of a plug-in, whose roles and entity types have been checked. */
export function* manifestShapeProblems(plugin: MetadataPlugin): Generator<string> {
  const { manifests } = plugin;
  if (manifests === undefined) return;
  const { entityType, file, formats, bag } = manifests;
  if (!Object.hasOwn(plugin.entityTypes, entityType))
    return yield `manifests are of documents of ${entityType}, which is no entity type`;
  if (plugin.entityTypes[entityType]?.roles[file.role] !== 'single')
    yield `manifests have the file in role '${file.role}', which documents of ${entityType} don't show as 'single'`;
  const known = new Set(documentFields(plugin, entityType).map(({ role, name }) => `${role}.${name}`));
  const { size, checksums = {} } = file;
  const ofDownloads = [...(size === undefined ? [] : [size]), ...Object.values(checksums)];
  const read = [...fieldsRead(manifests), ...ofDownloads.map((field) => `${file.role}.${field}`)];
  for (const field of new Set(read))
    if (!known.has(field)) yield `manifests read '${field}', which documents of ${entityType} don't have`;
  if (formats.length === 0) yield 'manifests have no format: leave them out';
  if (formats.includes('terra.bdbag') !== (bag !== undefined))
    yield "manifests have the format 'terra.bdbag' without saying how, or the other way round";
  yield* pfbProblems(plugin, manifests);
  yield* verbatimProblems(manifests);
  yield* headerProblems(plugin, manifests);
}

const verbatimTypes: readonly VerbatimColumn['type'][] = ['string', 'long', 'double', 'boolean'];

function* verbatimProblems({ verbatim = {} }: ManifestShape): Generator<string> {
  for (const [table, columns] of Object.entries(verbatim))
    for (const [column, { type }] of Object.entries(columns))
      if (!verbatimTypes.includes(type))
        yield `verbatim tables show '${table}.${column}' as ${type}: choose ${verbatimTypes.join(', ')}`;
}

function* pfbProblems(plugin: MetadataPlugin, { formats, pfb, file }: ManifestShape): Generator<string> {
  if (formats.includes('terra.pfb') !== (pfb !== undefined))
    yield "manifests have the format 'terra.pfb' without saying how, or the other way round";
  if (pfb === undefined) return;
  if (!Array.isArray(pfb.tables[file.role])) yield `tables of PFB have none for files, '${file.role}'`;
  for (const [role, names] of Object.entries(pfb.tables)) {
    if (names === null) continue;
    const fields = new Map(roleFields(plugin, role).map((field) => [field.name, field]));
    for (const name of names) {
      const field = fields.get(name);
      if (field === undefined) yield `tables of PFB show '${role}.${name}', which that role doesn't have`;
      else if (field.type === 'counts') yield `tables of PFB show '${role}.${name}', but have nothing for counts`;
      else if (field.type === 'object' && field.members === undefined && !Object.hasOwn(pfb.objects, `${role}.${name}`))
        yield `tables of PFB show '${role}.${name}', of whose objects nothing says what they hold`;
    }
  }
}

/** DuckDB takes names that differ in case alone for the same. */
function* headerProblems({ roles }: MetadataPlugin, { envelope, file }: ManifestShape): Generator<string> {
  const uses = Object.values(roles).flatMap(({ fields = {} }) => Object.values(fields));
  const headers = [...Object.values(envelope), file.url, ...uses.flatMap(({ manifest }) => manifest ?? [])];
  const seen = new Set<string>();
  for (const header of headers) {
    if (seen.has(header.toLowerCase()))
      yield `two columns of manifests have the header '${header}': choose another one`;
    seen.add(header.toLowerCase());
  }
}
