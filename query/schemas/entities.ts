import { z } from 'zod';
import { knownLimits } from '../../core/documents/cuts.ts';
import type { Catalog, Catalogs } from '../catalogs.ts';
import { facetsSchema } from './facets.ts';
import { filtersSchema } from './filters.ts';
import { either, pascal } from './models.ts';

/** What documentation says of the entities of some catalogs, derived from their metadata plug-ins. */
export interface EntitySchemas {
  /** names of served entity types */
  readonly types: readonly string[];
  /** of ids of entities: those of all types, each once */
  readonly idPatterns: readonly string[];
  /** names of fields to sort by */
  readonly fields: readonly string[];
  /** by the name of the schema: one for each metadata plug-in */
  readonly filters: Readonly<Record<string, z.ZodType>>;
  readonly hit: z.ZodType;
  readonly list: z.ZodType;
  /** largest pages by entity type */
  readonly maxPages: Readonly<Record<string, number>>;
}

/** Catalogs of one plug-in look the same; where there are several plug-ins, either's schemas apply. */
export function entitySchemas({ byName }: Catalogs): EntitySchemas {
  const models = [...new Map([...byName.values()].map((catalog) => [catalog.plugin.name, modelOf(catalog)])).values()];
  const entities = [...byName.values()].flatMap((catalog) => [...catalog.entities.values()]);
  const hit = either(models.flatMap(({ hits }) => hits));
  return {
    types: distinct(entities.map(({ type }) => type)),
    idPatterns: distinct(entities.map(({ ids }) => ids.pattern)),
    fields: distinct(entities.flatMap(({ fields }) => [...fields.byName.keys()])),
    maxPages: Object.fromEntries(entities.map(({ type, served }) => [type, served.maxPage])),
    filters: Object.assign({}, ...models.map(({ filters }) => filters)),
    hit,
    list: z
      .object({ pagination, termFacets: either(models.map(({ facets }) => facets)), hits: z.array(hit) })
      .meta({ id: 'EntityList' }),
  };
}

const link = z.string().nullable();
const place = z.string().optional();
const pagination = z
  .object({
    count: z.int().meta({ description: 'Hits on this page.' }),
    total: z.int().meta({ description: 'Hits on all pages.' }),
    size: z.int(),
    next: link.meta({ description: 'URL of the next page; null on the last one.' }),
    previous: link.meta({ description: 'URL of the previous page; null on the first one.' }),
    pages: z.int(),
    sort: z.string(),
    order: z.enum(['asc', 'desc']),
    search_after: place.meta({ description: 'For the body of a POST, where `next` is too long for a URL.' }),
    search_before: place.meta({ description: 'For the body of a POST, where `previous` is too long for a URL.' }),
  })
  .meta({ id: 'Pagination' });

/** The schemas of one metadata plug-in. */
function modelOf({ plugin, entities }: Catalog) {
  const name = pascal(plugin.name);
  const [first] = entities.values();
  const fields = first?.fields ?? { byName: new Map(), facets: [], sourceId: '' };
  return {
    filters: { [`${name}Filters`]: filtersSchema(fields, `${name}Filters`) },
    facets: facetsSchema(fields, `${name}Facets`),
    hits: [...entities.keys()].map((type) =>
      withTruncated(plugin.hit?.(type)).meta({ id: `${name}${pascal(type)}Hit`, description: `A hit in ${type}.` }),
    ),
  };
}

const truncated = z
  .array(
    z
      .object({
        field: z.string().meta({
          description: 'As filters and facets name it; where they have no name for it, role and field of the document.',
        }),
        shown: z.int().meta({ description: 'Values that the hit shows: of several lists of that name, each.' }),
        total: z.int().meta({
          description: `Values that there are: of several lists, the most. Counting ends at ${knownLimits.values + 1}, which stands for any larger number.`,
        }),
        searchable: z.boolean().meta({
          description:
            "Whether filters and facets know all values. If not, the hit can't be found by some that it doesn't show.",
        }),
      })
      .meta({ id: 'TruncatedList' }),
  )
  .meta({ description: 'Lists of this hit that were cut. Absent where none was.' });

/** What the core adds to a hit. @param hit as the plug-in describes it; undefined: any object */
function withTruncated(hit: z.ZodType | undefined): z.ZodType {
  if (hit instanceof z.ZodObject) return hit.extend({ truncated: truncated.optional() });
  const added = z.looseObject({ truncated: truncated.optional() });
  return hit === undefined ? added : z.intersection(hit, added);
}

const distinct = (names: readonly string[]): string[] => [...new Set(names)];
