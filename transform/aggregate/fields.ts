import { type KnownLimits, mostKnown } from '../../core/documents/cuts.ts';
import { text } from '../../core/duckdb/sql.ts';
import { collapsesToList, type DocumentField, hasRest, isText, shownLimit } from '../../core/model/fields.ts';
import type { Plan, PlannedField, PlannedRole } from './plan.ts';

/**
 * The table `fields`: how each numbered field collapses, so that one statement does for all of them.
 *
 * | column | holds |
 * |---|---|
 * | `field`, `role` | numbers; no role (-1) for what computed fields are made of |
 * | `kind` | of the aggregate |
 * | `many` | whether the result is a list |
 * | `most` | limit of a list; null for none |
 * | `known` | how many of its values are known at most: what is beyond counts as one |
 * | `rests` | whether the index knows values that aren't shown |
 * | `texts` | whether its values are texts, whose bytes count |
 * | `skip_null` | whether a null only says that the field is present: objects and counts have none |
 * | `shown` | type of its values, or of the one value |
 * | `searchable` | whether the index finds it: nulls of others aren't marked |
 * | `label` | JSON member name and colon |
 * | `path` | `contents.<role>.<name>` as JSON text |
 * | `bit` | one of 63, to tell fields of a role apart |
 * | `rolled` | what a rollup keeps of its values, see `RolledKind` |
 */
export function fieldsStatement(plan: Plan): string {
  const rows = [
    ...plan.roles.flatMap((role) =>
      role.fields.map((planned) => fieldRow(plan.known, planned, `${role.number}`, bitOf(role, planned))),
    ),
    ...plan.computed.map((input) => fieldRow(plan.known, input, '-1', '0::BIGINT')),
  ];
  return `CREATE OR REPLACE TEMP TABLE fields AS SELECT * FROM (VALUES
    ${rows.map((row) => `(${row.join(', ')})`).join(',\n    ')}
  ) t(field, role, kind, many, most, known, rests, texts, skip_null, shown, searchable, label, path, bit, rolled)`;
}

/** Whether values are told apart by texts of any length. */
const isTexts = ({ type }: DocumentField): boolean => isText(type) || type === 'counts';

/** Fields of a role are told apart by bits of a 63-bit number. */
export function bitOf(role: PlannedRole, planned: PlannedField): string {
  return `${1n << BigInt(role.fields.indexOf(planned))}::BIGINT`;
}

type FieldRow = readonly (string | number | boolean)[];

function fieldRow(known: KnownLimits, { number, field }: PlannedField, role: string, bit: string): FieldRow {
  const { aggregate, type } = field;
  const most = shownLimit(field);
  const mostOrNone = (limit: number | null): string => `${limit ?? 'NULL'}::INTEGER`;
  const label = text(`${JSON.stringify(field.name)}:`);
  const path = text(JSON.stringify(field.path));
  return [
    ...[number, role, text(aggregate.kind), collapsesToList(field), mostOrNone(most)],
    ...[mostOrNone(most && mostKnown(most, known)), hasRest(field), isTexts(field)],
    ...[
      type === 'object' || type === 'counts',
      text(field.shownType),
      field.searchable,
      label,
      path,
      bit,
      text(rolledKind(field)),
    ],
  ];
}

/**
 * What a rollup keeps: `keys` that count once, and the sum of what they count; the `greatest` whole number; the `first`
 * ones of a limited list, as many as are known and one more; or `all` values.
 */
type RolledKind = 'keys' | 'greatest' | 'first' | 'all';

function rolledKind(field: DocumentField): RolledKind {
  const { aggregate, type, shownType } = field;
  if (aggregate.kind === 'count' || (aggregate.kind === 'sum' && type !== 'float')) return 'keys';
  if (aggregate.kind === 'max' && shownType === 'int') return 'greatest';
  return shownLimit(field) !== null && aggregate.kind !== 'frequency' ? 'first' : 'all';
}
