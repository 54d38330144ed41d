import { collapsesToList } from '../../plugins/fields.ts';
import { text } from '../sql.ts';
import type { Plan, PlannedField, PlannedRole } from './plan.ts';

/**
 * The table `fields`: how each numbered field collapses, so that one statement does for all of them.
 *
 * | column | holds |
 * |---|---|
 * | `field`, `role` | numbers |
 * | `kind` | of the aggregate |
 * | `many` | whether the result is a list |
 * | `most` | limit of a list; null for none |
 * | `skip_null` | whether a null only says that the field is present: objects and counts have none |
 * | `whole` | whether it is a whole number rather than text |
 * | `label` | JSON member name and colon |
 * | `path` | `contents.<role>.<name>` |
 */
export function fieldsStatement(plan: Plan): string {
  const rows = [
    ...plan.roles.flatMap((role) => role.fields.map((planned) => fieldRow(role, planned))),
    ...plan.computed.map(({ number, kind }) => row(number, -1, kind, false, null, false, true, '', '')),
  ];
  return `CREATE OR REPLACE TEMP TABLE fields AS SELECT * FROM (VALUES
    ${rows.join(',\n    ')}
  ) t(field, role, kind, many, most, skip_null, whole, label, path)`;
}

function fieldRow(role: PlannedRole, { number, field }: PlannedField): string {
  const { aggregate } = field;
  const most = 'limit' in aggregate ? aggregate.limit : null;
  const skipNull = field.type === 'object' || field.type === 'counts';
  return row(
    number,
    role.number,
    aggregate.kind,
    collapsesToList(field),
    most,
    skipNull,
    field.shownType === 'int',
    `${JSON.stringify(field.name)}:`,
    field.path,
  );
}

function row(
  number: number,
  role: number,
  kind: string,
  many: boolean,
  most: number | null,
  skipNull: boolean,
  whole: boolean,
  label: string,
  path: string,
): string {
  return `(${number}, ${role}, ${text(kind)}, ${many}, ${most ?? 'NULL::INTEGER'}, ${skipNull}, ${whole}, ${text(label)}, ${text(path)})`;
}
