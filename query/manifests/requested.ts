import { all } from '../../core/documents/filter.ts';
import { canonicalFilters } from '../../core/exports/canonical.ts';
import { formatTypes } from '../../core/exports/formats.ts';
import { type ExportRequest, manifestKey } from '../../core/exports/request.ts';
import { baseUrl } from '../../core/http/base-url.ts';
import { refusal } from '../../core/http/refusal.ts';
import type { Context } from '../../core/http/state.ts';
import type { FormatName } from '../../core/model/manifests.ts';
import { accessClauses } from '../access.ts';
import { type Catalog, catalogNamed, type IndexedEntity } from '../catalogs.ts';
import type { QueryDeps } from '../deps.ts';
import { parseFilters } from '../filter/parse.ts';
import { type Caller, callerOf, catalogSources } from './caller.ts';
import type { Exports } from './exports.ts';

/** Parameters of a request for an export. */
export interface ExportParameters {
  readonly catalog: string | undefined;
  readonly format: string | undefined;
  readonly filters: string;
}

/** An export that a caller may have. */
export interface Asked {
  readonly hash: string;
  readonly request: ExportRequest;
  readonly caller: Caller;
}

/**
 * What a caller asks for. Nothing is searched for it: documents are those of the newest snapshot.
 *
 * @throws LazuliError `bad_request`, `not_found`, `unauthorized`, `forbidden`, `unavailable`
 */
export async function askedFor(
  { catalogs, identify }: Pick<QueryDeps, 'catalogs' | 'identify'>,
  exports: Pick<Exports, 'newest' | 'tokens'>,
  ctx: Context,
  given: ExportParameters,
): Promise<Asked> {
  const catalog = catalogNamed(catalogs, given.catalog);
  const format = formatOf(catalog, given.format);
  const entity = exportedEntity(catalog);
  const filters = parseFilters(given.filters, entity.fields);
  const [caller, known] = await Promise.all([
    callerOf(ctx, { identify, catalog, tokens: exports.tokens }),
    catalogSources(catalog),
  ]);
  const sources = new Set([...caller.sources].filter((id) => known.has(id)));
  const { own } = accessClauses('by source', filters, sources);
  const request: ExportRequest = {
    catalog: catalog.name,
    entityType: entity.type,
    format,
    version: formatTypes[format].version,
    filter: all([...filters.clauses, ...own].map(({ filter }) => filter)),
    filters: canonicalFilters(filters.given),
    sources: [...sources].sort(),
    snapshot: await exports.newest.of(catalog.name),
    baseUrl: baseUrl(ctx),
  };
  return { hash: manifestKey(request).hash, request, caller };
}

/** @throws LazuliError `bad_request` where it has none */
function exportedEntity({ name, plugin, indexed }: Catalog): IndexedEntity {
  const entity = indexed.get(plugin.manifests?.entityType ?? '');
  if (entity !== undefined) return entity;
  throw refusal(`Catalog '${name}' has no manifests.`, 'Choose another catalog.');
}

/** The first one is the default. @throws LazuliError `bad_request` */
function formatOf({ name, plugin }: Catalog, given: string | undefined): FormatName {
  const formats = plugin.manifests?.formats ?? [];
  const format = given === undefined ? formats[0] : formats.find((known) => known === given);
  if (format !== undefined) return format;
  const shown = `\`${(given ?? '').slice(0, 80)}\``;
  const choices = `Must be one of ${formats.join(', ')}.`;
  if (formats.length === 0) throw refusal(`Catalog '${name}' has no manifests.`, 'Choose another catalog.');
  if (!Object.hasOwn(formatTypes, given ?? '')) throw refusal(`Unknown manifest format ${shown}.`, choices);
  throw refusal(`Manifest format ${shown} is not supported for catalog ${name}.`, choices);
}
