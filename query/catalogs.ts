import { isDeepStrictEqual } from 'node:util';
import { type Catalog as CatalogSettings, defaultCatalog, isCatalogName } from '../core/config/catalogs.ts';
import { LazuliError } from '../core/config/errors.ts';
import type { Settings } from '../core/config/settings.ts';
import { documentDecoder } from '../core/documents/document-decoder.ts';
import { type DocumentLayout, documentLayout, findsWhole, foundAlike } from '../core/documents/document-layout.ts';
import { readAlias } from '../core/documents/index-layout.ts';
import { DrsClient } from '../core/drs/client.ts';
import { refusal, shown } from '../core/http/refusal.ts';
import { type EntityIds, entityIds } from '../core/model/entity-ids.ts';
import type { Document, EntityType, Json, MetadataPlugin } from '../core/model/metadata.ts';
import type { Repository } from '../core/model/repository.ts';
import { openEach } from '../plugins/opening.ts';
import { metadataPlugin, openRepository } from '../plugins/registry.ts';
import { apiFields, type EntityFields, fieldsIn } from './fields/api-fields.ts';
import { CallerSources } from './http/caller-sources.ts';

/** A catalog as the service uses it: its plug-ins, and what was derived from their declarations. */
export interface Catalog {
  readonly name: string;
  readonly settings: CatalogSettings;
  readonly plugin: MetadataPlugin;
  readonly repository: Repository;
  /** which of its sources callers may see */
  readonly callers: CallerSources;
  /** asks where its data files are; null: no server is listed for it */
  readonly drs: DrsClient | null;
  /** all entity types by name; summaries count unserved ones too */
  readonly indexed: ReadonlyMap<string, IndexedEntity>;
  /** served entity types by name */
  readonly entities: ReadonlyMap<string, ServedEntity>;
}

/** An entity type that has an index; as its plug-in declares it, or as it is read in one index (`readIn`). */
export interface IndexedEntity {
  readonly type: string;
  readonly plugin: MetadataPlugin;
  readonly fields: EntityFields;
  /** alias of the index that serves */
  readonly alias: string;
  /** what the plug-in declares */
  readonly layout: DocumentLayout;
  /** Whether documents have a field as it is declared, by its path. */
  readonly has: (path: string) => boolean;
  readonly decode: (source: Readonly<Record<string, Json>>) => Document;
}

/** An entity type that has a list of documents in the API. */
export interface ServedEntity extends IndexedEntity {
  readonly served: NonNullable<EntityType['served']>;
  readonly ids: EntityIds;
}

export interface Catalogs {
  readonly default: string;
  readonly byName: ReadonlyMap<string, Catalog>;
  /** why others can't be served */
  readonly refused: ReadonlyMap<string, LazuliError>;
}

/** @throws LazuliError `configuration_invalid` where no catalog can be served */
export async function openCatalogs(from: Settings): Promise<Catalogs> {
  const { deployment, catalogs } = from;
  const { open, refused } = await openEach(catalogs, async (name, settings) => {
    const plugin = await metadataPlugin(settings.plugins.metadata.name, from);
    return catalogOf(deployment, name, settings, plugin, await openRepository(settings, from));
  });
  return { default: defaultCatalog(catalogs), byName: open, refused };
}

/** Catalogs from plug-ins that are open already. */
export function catalogsOf(defaultName: string, opened: readonly Catalog[]): Catalogs {
  const byName = new Map(opened.map((catalog) => [catalog.name, catalog]));
  return { default: defaultName, byName, refused: new Map() };
}

export function catalogOf(
  deployment: string,
  name: string,
  settings: CatalogSettings,
  plugin: MetadataPlugin,
  repository: Repository,
): Catalog {
  const indexed = new Map<string, IndexedEntity>();
  const entities = new Map<string, ServedEntity>();
  for (const [type, fields] of apiFields(plugin)) {
    const entity = {
      ...{ type, plugin, fields, alias: readAlias(deployment, name, type) },
      layout: documentLayout(plugin, type),
      has: () => true,
      decode: documentDecoder(plugin, type),
    };
    const { served, ...declared } = plugin.entityTypes[type] as EntityType;
    indexed.set(type, entity);
    if (served !== undefined) entities.set(type, { ...entity, served, ids: entityIds(declared) });
  }
  const drs = settings.drs === undefined ? null : new DrsClient(settings.drs);
  const callers = new CallerSources({ repository, rules: settings.access });
  return { name, settings, plugin, repository, callers, drs, indexed, entities };
}

/**
 * An entity type as it is read in an index of that layout, which may differ from what the plug-in declares: a field that
 * is missing or different there is null in every document.
 *
 * @returns the very same where it makes no difference
 */
export function readIn<E extends IndexedEntity>(entity: E, found: DocumentLayout): E {
  const { plugin, type, layout } = entity;
  if (isDeepStrictEqual(found.fields, layout.fields)) return entity;
  const has = (path: string): boolean => foundAlike(found, layout, path);
  const fields = fieldsIn(entity.fields, { has, findsWhole: (path) => findsWhole(found, path) });
  return { ...entity, has, fields, decode: documentDecoder(plugin, type, found) };
}

/** @throws LazuliError `bad_request` for what is no name of a catalog, `not_found` for one that isn't there, `catalog_refused` */
export function catalogNamed(catalogs: Catalogs, name: string | undefined): Catalog {
  const wanted = name ?? catalogs.default;
  if (!isCatalogName(wanted)) {
    throw refusal(
      `Catalog name is invalid: ${shown(wanted)} is the value of parameter \`catalog\`.`,
      choices(catalogs),
    );
  }
  const catalog = catalogs.byName.get(wanted);
  if (catalog !== undefined) return catalog;
  const why = catalogs.refused.get(wanted);
  if (why !== undefined) throw unserved(wanted, why);
  throw new LazuliError('not_found', `Catalog name '${wanted}' does not exist.`, { remedy: choices(catalogs) });
}

/** Callers needn't know what is wrong with it; the log does. */
const unserved = (name: string, cause: LazuliError): LazuliError =>
  new LazuliError('catalog_refused', `Catalog '${name}' can't be served at present.`, {
    remedy: 'Its operator has to correct its configuration.',
    cause,
  });

const choices = ({ byName }: Catalogs): string => `Must be one of ${[...byName.keys()].join(', ')}.`;

/** @throws LazuliError `bad_request` */
export function entityNamed(catalog: Catalog, type: string): ServedEntity {
  const entity = catalog.entities.get(type);
  if (entity !== undefined) return entity;
  throw refusal(
    `Entity type '${type.slice(0, 80)}' is invalid for catalog '${catalog.name}'.`,
    `Must be one of ${[...catalog.entities.keys()].join(', ')}.`,
  );
}
