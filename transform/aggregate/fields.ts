import { collapsesToList, type DocumentField } from '../../plugins/fields.ts';
import { text } from '../sql.ts';
import type { Plan, PlannedField, PlannedInput, PlannedRole } from './plan.ts';

/**
 * The table `fields`: how each numbered field collapses, so that one statement does for all of them.
 *
 * | column | holds |
 * |---|---|
 * | `field`, `role` | numbers; no role (-1) for inputs of computed fields |
 * | `kind` | of the aggregate |
 * | `many` | whether the result is a list |
 * | `most` | limit of a list; null for none |
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
    ...plan.roles.flatMap((role) => role.fields.map((planned) => fieldRow(role, planned))),
    ...plan.computed.map(inputRow),
  ];
  return `CREATE OR REPLACE TEMP TABLE fields AS SELECT * FROM (VALUES
    ${rows.map((row) => `(${row.join(', ')})`).join(',\n    ')}
  ) t(field, role, kind, many, most, skip_null, shown, searchable, label, path, bit, rolled)`;
}

/** Fields of a role are told apart by bits of a 63-bit number. */
export function bitOf(role: PlannedRole, planned: PlannedField): string {
  return `${1n << BigInt(role.fields.indexOf(planned))}::BIGINT`;
}

type FieldRow = readonly (string | number | boolean)[];

function fieldRow(role: PlannedRole, planned: PlannedField): FieldRow {
  const { number, field } = planned;
  const { aggregate, type } = field;
  const most = 'limit' in aggregate ? (aggregate.limit ?? 'NULL') : 'NULL';
  const label = text(`${JSON.stringify(field.name)}:`);
  const path = text(JSON.stringify(field.path));
  return [
    ...[number, role.number, text(aggregate.kind), collapsesToList(field), `${most}::INTEGER`],
    ...[
      type === 'object' || type === 'counts',
      text(field.shownType),
      field.searchable,
      label,
      path,
      bitOf(role, planned),
      text(rolledKind(field)),
    ],
  ];
}

/**
 * What a rollup keeps: `keys` that count once, and the sum of what they count; the `greatest` whole number; the `first`
 * ones of a limited list, and one more; or `all` values.
 */
type RolledKind = 'keys' | 'greatest' | 'first' | 'all';

function rolledKind(field: DocumentField): RolledKind {
  const { aggregate, type, shownType } = field;
  if (aggregate.kind === 'count' || (aggregate.kind === 'sum' && type !== 'float')) return 'keys';
  if (aggregate.kind === 'max' && shownType === 'int') return 'greatest';
  const limited = 'limit' in aggregate && aggregate.limit !== null && aggregate.kind !== 'frequency';
  return limited && collapsesToList(field) ? 'first' : 'all';
}

function inputRow({ number, kind }: PlannedInput): FieldRow {
  const rolled: RolledKind = kind === 'sum' ? 'keys' : 'greatest';
  return [
    ...[number, -1, text(kind), false, 'NULL::INTEGER', false],
    ...["'int'", false, "''", "''", '0::BIGINT', text(rolled)],
  ];
}
