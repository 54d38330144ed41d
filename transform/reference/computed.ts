import type { Json, MetadataPlugin } from '../../core/model/metadata.ts';
import { distinct, sum } from './collapse.ts';
import type { InnerEntities } from './contribution.ts';

/** A document's own computed members (plugin-hca 5). */
export function computedMembers(
  plugin: MetadataPlugin,
  entityType: string,
  inner: InnerEntities,
): Readonly<Record<string, Json>> {
  const declared = plugin.entityTypes[entityType]?.computed ?? {};
  const value = (name: string): Json => {
    const field = declared[name];
    if (field === undefined) throw new TypeError(`${entityType} computes no ${name}`);
    if (field.kind === 'same') return value(field.as);
    const entities = inner[field.role] ?? [];
    if (field.kind === 'sum') return sum(distinct(entities, ['document_id'], field.column), 'int') ?? 0;
    const numbers = entities.map((entity) => entity[field.column]).filter((one) => typeof one === 'number');
    return numbers.length === 0 ? value(field.otherwise) : Math.max(...numbers);
  };
  return Object.fromEntries(Object.keys(declared).map((name) => [name, value(name)]));
}
