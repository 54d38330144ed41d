import { computedFields } from '../../../core/model/computed.ts';
import { documentFields, shownLimit, showsList } from '../../../core/model/fields.ts';
import type { MetadataPlugin } from '../../../core/model/metadata.ts';
import { type ApiField, apiFields } from '../../../query/fields/api-fields.ts';

/** A field of the documents of an entity type, and how callers of the API find it. */
export interface DeclaredField {
  /** `<role>.<field>`, or the name of a computed one */
  readonly field: string;
  /** `[string]` for a list */
  readonly type: string;
  /** values that a document shows at most; null for no limit, and where there is no list */
  readonly limit: number | null;
  /** name in filters and sorts; null where documents only show it */
  readonly api: string | null;
  readonly facet: boolean;
}

export interface DeclaredType {
  readonly name: string;
  /** path in the API; null where it is indexed only */
  readonly served: string | null;
  readonly sort: string | null;
  readonly fields: readonly DeclaredField[];
}

/** What a plug-in whose declarations are right declares, as documents show it. Pure. */
export function declaredTypes(plugin: MetadataPlugin): readonly DeclaredType[] {
  const found = apiFields(plugin);
  return Object.entries(plugin.entityTypes).map(([name, { served }]) => {
    const byPath = new Map([...(found.get(name)?.byName.values() ?? [])].map((field) => [field.path, field]));
    return {
      name,
      served: served === undefined ? null : `/index/${name}`,
      sort: served?.sort ?? null,
      fields: [
        ...documentFields(plugin, name).map((field) => ({
          field: `${field.role}.${field.name}`,
          type: showsList(field) ? `[${field.shownType}]` : field.shownType,
          limit: shownLimit(field),
          ...foundBy(byPath.get(field.path)),
        })),
        ...computedFields(plugin, name).map(({ name: field, type }) => ({
          ...{ field, type, limit: null },
          ...foundBy(byPath.get(field)),
        })),
      ],
    };
  });
}

function foundBy(field: ApiField | undefined): Pick<DeclaredField, 'api' | 'facet'> {
  return { api: field?.indexed ? field.name : null, facet: field?.facet === true };
}
