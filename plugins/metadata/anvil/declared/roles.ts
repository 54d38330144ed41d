import { declareRoles } from '../../../../core/model/declare.ts';
import { idColumn } from '../../../../core/model/fields.ts';
import type { FieldUse } from '../../../../core/model/metadata.ts';
import { ages, hidden, type Kind, tables } from './tables.ts';

const unnamed: FieldUse = {};

type ColumnOf<K extends Kind> = keyof (typeof tables)[K]['columns'] & string;

/** Fields of a kind that have no name in the API, another one, or no column in tables for researchers. */
type Exceptions<K extends Kind> = { readonly [C in ColumnOf<K>]?: FieldUse };

/** A role whose rows are those of the table of the same name; its fields are called `<role>.<field>` wherever they have a name. */
function own<const K extends Kind>(kind: K, facets: readonly ColumnOf<K>[], exceptions?: Exceptions<K>) {
  const others: Readonly<Record<string, FieldUse | undefined>> = exceptions ?? {};
  const columns = [idColumn, ...Object.keys(tables[kind].columns)];
  const uses = columns.map((column) => {
    const name = `${kind}.${column}`;
    const isFacet = (facets as readonly string[]).includes(column);
    const sortedBy = ages[column];
    const usual: FieldUse = {
      api: name,
      manifest: name,
      ...(isFacet && { facet: true }),
      ...(sortedBy && { sortedBy }),
    };
    const own = others[column] ?? (hidden.has(column) ? unnamed : usual);
    return [column, own] as const;
  });
  const shown = { [kind]: 'columns' } as Readonly<Record<K, 'columns'>>;
  return { tables: shown, whenEmpty: 'list', fields: Object.fromEntries(uses) as Record<string, FieldUse> } as const;
}

/** Roles in the order of the columns of tables for researchers (specification, plugin-anvil 5 and 7). */
export const roles = declareRoles(tables, {
  datasets: own('datasets', ['consent_group', 'data_use_permission', 'registered_identifier', 'title'], {
    description: unnamed,
  }),
  donors: own('donors', ['organism_type', 'phenotypic_sex', 'reported_ethnicity']),
  diagnoses: own('diagnoses', ['disease', 'phenotype', 'phenopacket']),
  biosamples: own('biosamples', ['anatomical_site', 'biosample_type', 'disease']),
  activities: own('activities', ['activity_type', 'assay_type', 'data_modality'], {
    activity_table: { api: 'activities.activity_table' },
  }),
  files: {
    ...own('files', ['data_modality', 'file_format', 'reference_assembly', 'is_supplementary'], {
      version: { api: 'fileVersion' },
      uuid: { api: 'fileId' },
      size: unnamed,
      name: unnamed,
    }),
    groupBy: ['file_format'],
    collapsedOnly: { count: { of: idColumn, aggregate: { kind: 'count', distinctBy: [idColumn] } } },
  },
});
