import { z } from 'zod';
import { accessibleField } from '../../core/model/envelope.ts';
import type { ApiField, EntityFields, FieldType } from '../fields/api-fields.ts';

const count = z.int().min(0).meta({ description: 'Documents.' });

/** What stands for a value in a facet; null for documents without one. Numbers are decimal text. */
const text = z.string().nullable();
const bool = z.enum(['true', 'false']);
const quantity = z.object({ value: z.string(), unit: z.string().nullable() }).nullable();

const textFacet = facet({ term: text }).meta({ id: 'TextFacet' });
const shared: Partial<Readonly<Record<FieldType, z.ZodType>>> = {
  bool: facet({ term: bool.nullable() }).meta({ id: 'BoolFacet' }),
  quantity: facet({ term: quantity }).meta({ id: 'QuantityFacet' }),
};
const accessibleFacet = facet({ term: bool }).meta({ id: 'AccessibleFacet' });

/** Facets of a catalog by their names, the same for all entity types (specification, query-semantics 5). */
export function facetsSchema({ facets }: EntityFields, id: string): z.ZodType {
  const named = facets.map((field) => [field.name, facetOf(field)] as const);
  return z.object({ ...Object.fromEntries(named), [accessibleField]: accessibleFacet }).meta({ id });
}

function facetOf({ type, beside }: ApiField): z.ZodType {
  if (beside === undefined) return shared[type] ?? textFacet;
  return facet({ term: text, [beside]: z.array(z.string()).optional() });
}

function facet(term: z.ZodRawShape) {
  return z.object({
    terms: z.array(z.object({ ...term, count })).meta({ description: 'The most frequent first.' }),
    total: count,
    type: z.literal('terms'),
    other: z
      .int()
      .min(1)
      .optional()
      .meta({ description: 'Documents in terms beyond those that are listed; of fields that hold objects, objects.' }),
  });
}
