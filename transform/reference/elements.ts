import { byCodePoint } from '../../core/config/text.ts';
import type { DocumentField } from '../../core/model/fields.ts';
import type { Json } from '../../core/model/metadata.ts';

/** The values that a field of an inner entity adds: an empty list of scalars adds a null (indexing 7.7). */
export function elementsOf({ list, type }: Pick<DocumentField, 'list' | 'type'>, value: Json): readonly Json[] {
  if (!list) return [value];
  const elements = Array.isArray(value) ? (value as readonly Json[]) : value === null ? [] : [value];
  return elements.length === 0 && type !== 'object' ? [null] : elements;
}

/** Ascending, null last. */
export function compareValues({ type, aggregate }: Pick<DocumentField, 'type' | 'aggregate'>) {
  const by = aggregate.kind === 'objects' || aggregate.kind === 'dictionary' ? aggregate.by : null;
  return (a: Json, b: Json): number => {
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    switch (type) {
      case 'int':
      case 'float':
        return (a as number) - (b as number);
      case 'bool':
        return Number(a) - Number(b);
      case 'range':
        return compareBounds(a as Bounds, b as Bounds, 0) || compareBounds(a as Bounds, b as Bounds, 1);
      case 'quantity':
        return byCodePoint(quantityText(a), quantityText(b));
      case 'object':
        return byCodePoint(memberText(a, by), memberText(b, by)) || byCodePoint(JSON.stringify(a), JSON.stringify(b));
      default:
        return byCodePoint(a as string, b as string);
    }
  };
}

/** What a dictionary keys by; a missing or null member is the empty text. */
export function memberText(object: Json, member: string | null): string {
  const value = member === null ? null : (object as Readonly<Record<string, Json>>)[member];
  return typeof value === 'string' ? value : JSON.stringify(value ?? '').replace(/^"|"$/g, '');
}

type Bounds = readonly [number | null, number | null];

/** An open bound sorts last. */
function compareBounds(a: Bounds, b: Bounds, at: 0 | 1): number {
  const [x, y] = [a[at], b[at]];
  if (x === null || y === null) return Number(x === null) - Number(y === null);
  return x - y;
}

/** As the index has it. */
export function quantityText(quantity: Json): string {
  const { value, unit } = quantity as { value: string; unit: string | null };
  return unit === null ? value : `${value} ${unit}`;
}
