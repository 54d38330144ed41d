import { table } from '../../../cli/output.ts';
import { type Breakdown, type Reported, verdict } from '../measurement.ts';
import { shown } from '../statistics.ts';

/** All figures, then the tables that explain them. */
export function renderTables(measurements: readonly Reported[], breakdowns: readonly Breakdown[]): string {
  const figures = table(
    ['section', 'figure', 'value', 'target', '', 'note'],
    measurements.map((measurement) => [
      measurement.section,
      measurement.name,
      withUnit(measurement),
      targetOf(measurement),
      verdict(measurement),
      measurement.note ?? '',
    ]),
  );
  const explained = breakdowns.map(({ title, head, rows }) => [title, ...table(head, rows)]);
  return [figures, ...explained].map((lines) => lines.join('\n')).join('\n\n');
}

/** `0.83`, `1.2 s` */
export function withUnit({ value, unit }: Pick<Reported, 'value' | 'unit'>): string {
  return unit === 'ratio' ? shown(value) : `${shown(value)} ${unit}`;
}

/** `≥ 0.8`, `≤ 2 s`, or nothing. */
export function targetOf({ target, unit }: Reported): string {
  if (target === undefined) return '';
  return `${target.bound === 'least' ? '≥' : '≤'} ${withUnit({ value: target.value, unit })}`;
}
