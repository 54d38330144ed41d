import { z } from 'zod';
import { catalogNamePattern } from '../core/config/catalogs.ts';
import { textParameter as text } from '../core/http/parameters.ts';
import { shown } from '../core/http/refusal.ts';
import type { Catalogs } from './catalogs.ts';
import type { EntitySchemas } from './schemas/entities.ts';

/** Numbers may stand in a body as such. */
const size = z
  .union([text, z.number().transform(String)], { error: ({ input }) => invalidSize(input, '') })
  .default('10')
  .transform((value, { addIssue }) => {
    if (!/^-?\d{1,9}$/.test(value)) return refuse(addIssue, invalidSize(value, ', must be a whole number'));
    if (Number(value) < 1) return refuse(addIssue, invalidSize(value, ', must be greater than 0'));
    return Number(value);
  });

const order = z.enum(['asc', 'desc'], {
  error: ({ input }) => `Unknown order ${shown(input)}: \`order\` must be one of asc, desc`,
});

/** `catalog` of every route that is about one. */
export const catalogParameter = (catalogs: Catalogs) =>
  text.optional().meta({
    description: 'Name of a catalog.',
    override: { pattern: catalogNamePattern.source, maxLength: 64, default: catalogs.default },
  });

/** `filters` of routes that are about documents. */
const filtersParameter = ({ filters }: Pick<EntitySchemas, 'filters'>) =>
  text.default('{}').meta({
    description: 'JSON: conditions on fields.',
    examples: ['{}'],
    override: { contentMediaType: 'application/json', contentSchema: anyOf(Object.keys(filters)) },
  });

/** Parameters of a summary (specification, service-api 9). */
export const summaryParameters = (catalogs: Catalogs, schemas: Pick<EntitySchemas, 'filters'>) =>
  z.strictObject({ catalog: catalogParameter(catalogs), filters: filtersParameter(schemas) });

/** Parameters of a request for a manifest (specification, service-api 10.2). */
export const manifestParameters = (catalogs: Catalogs, schemas: Pick<EntitySchemas, 'filters'>) =>
  z.strictObject({
    catalog: catalogParameter(catalogs),
    filters: filtersParameter(schemas),
    format: text.optional().meta({
      description: 'Each catalog has its own; the default is its first.',
      ...oneOfFormats(catalogs),
    }),
  });

/** JSON Schema has no list of no values. */
function oneOfFormats({ byName }: Catalogs): { readonly override?: { readonly enum: string[] } } {
  const formats = new Set([...byName.values()].flatMap(({ plugin }) => plugin.manifests?.formats ?? []));
  return formats.size === 0 ? {} : { override: { enum: [...formats] } };
}

/** Parameters of a list of entities, and of one entity (specification, service-api 7). */
export function entityParameters(catalogs: Catalogs, schemas: Pick<EntitySchemas, 'fields' | 'filters' | 'maxPages'>) {
  const largest = Object.entries(schemas.maxPages).map(([type, most]) => `${most} for ${type}`);
  const place = text.optional().meta({
    description: 'Part of the links to other pages; follow those.',
    deprecated: true,
  });
  const ignored = text.optional().meta({ description: 'Ignored.', deprecated: true });
  return z
    .strictObject({
      catalog: catalogParameter(catalogs),
      filters: filtersParameter(schemas),
      size: size.meta({
        description: `Hits on a page. At most ${largest.join(', ')}.`,
        override: ({ jsonSchema }) => {
          delete jsonSchema.anyOf;
          Object.assign(jsonSchema, { type: 'integer', minimum: 1, default: 10 });
        },
      }),
      sort: text.optional().meta({
        description: 'The field to sort by. Each entity type has a default.',
        override: { enum: [...schemas.fields] },
      }),
      order: order.optional().meta({ description: 'Each entity type has a default.' }),
      search_after: place,
      search_before: place,
      search_after_uid: ignored,
      search_before_uid: ignored,
    })
    .refine(({ search_after, search_before }) => search_after === undefined || search_before === undefined, {
      error: 'Only one of search_after or search_before may be set',
    });
}
export type EntityParameters = z.output<ReturnType<typeof entityParameters>>;

/** One of the schemas of these names. */
function anyOf(names: readonly string[]): object {
  const references = names.map((name) => ({ $ref: `#/components/schemas/${name}` }));
  const [first] = references;
  return first !== undefined && references.length === 1 ? first : { anyOf: references };
}

function invalidSize(value: unknown, why: string): string {
  return `Invalid value for parameter \`size\`${why}: ${shown(value)}`;
}

function refuse(addIssue: (message: string) => void, message: string): never {
  addIssue(message);
  return z.NEVER;
}
