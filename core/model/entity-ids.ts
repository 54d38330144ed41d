import type { EntityType } from './metadata.ts';

/** Of a UUID in lower case: versions of RFC 9562, and `a`, which AnVIL gives to its bundles. */
const uuid = '[\\da-f]{8}-[\\da-f]{4}-[1-8a][\\da-f]{3}-[89ab][\\da-f]{3}-[\\da-f]{12}';

/** What ids of the entities of a type look like. */
export interface EntityIds {
  /** regular expression for a whole id */
  readonly pattern: string;
  /** whether they are UUIDs, because the plug-in says nothing else */
  readonly areUuids: boolean;
  readonly fits: (id: string) => boolean;
}

/** Whoever looks an entity up by its id, and whoever stages one, goes by this. */
export function entityIds({ id }: Pick<EntityType, 'id'>): EntityIds {
  const pattern = `^(?:${id ?? uuid})$`;
  const whole = new RegExp(pattern, 'u');
  return {
    pattern: id === undefined ? `^${uuid}$` : pattern,
    areUuids: id === undefined,
    fits: (text) => whole.test(text),
  };
}
