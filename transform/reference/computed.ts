import { computedFields } from '../../core/model/computed.ts';
import type { Json, MetadataPlugin } from '../../core/model/metadata.ts';
import { collapsedField } from './collapse.ts';
import type { InnerEntities } from './contribution.ts';

/** A document's own computed members (plugin-hca 5). */
export function computedMembers(
  plugin: MetadataPlugin,
  entityType: string,
  inner: InnerEntities,
): Readonly<Record<string, Json>> {
  const fields = computedFields(plugin, entityType);
  const value = (name: string): Json => {
    const field = fields.find((known) => known.name === name);
    if (field === undefined) throw new TypeError(`${entityType} computes no ${name}`);
    const { input, otherwise } = field;
    const own = input === null ? null : (collapsedField(plugin, input, inner[input.role] ?? [])?.value ?? null);
    if (own !== null) return own;
    if (otherwise !== null) return value(otherwise);
    return input?.aggregate.kind === 'min' || input?.aggregate.kind === 'max' ? null : 0;
  };
  return Object.fromEntries(fields.map(({ name }) => [name, value(name)]));
}
