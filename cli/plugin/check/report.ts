import { inspect } from 'node:util';
import { table } from '../../output.ts';
import type { CheckedPlugin, CheckedType, CheckReport } from './check.ts';
import type { Presented } from './documents.ts';
import type { Finding } from './finding.ts';
import type { Trial } from './trial.ts';

/** Lines of an example. */
const maxExample = 60;
const lineLength = 110;
/** of the columns of findings, in characters */
const widths = [8, 30, 50, 40];

/** A report for a person. */
export function reportLines({ folder, plugins, findings }: CheckReport): readonly string[] {
  return [folder, ...plugins.flatMap(pluginLines), '', ...findingLines(findings)];
}

function pluginLines({ kind, name, metadata }: CheckedPlugin): readonly string[] {
  if (metadata === null) return ['', `${kind} plug-in ${name}`];
  const { version, types, samples } = metadata;
  return [
    '',
    `${kind} plug-in ${name}, version ${version}${samples === null ? '' : sampleText(samples)}`,
    ...types.flatMap(typeLines),
  ];
}

function sampleText({ bundles, staged, rows }: Omit<Trial, 'types'>): string {
  const tables = Object.entries(rows).map(([name, count]) => `${count} of ${name}`);
  return `: ${staged} of ${bundles} sample bundles staged${tables.length === 0 ? '' : `; rows: ${tables.join(', ')}`}`;
}

function typeLines({ name, served, sort, fields, documents, example }: CheckedType): readonly string[] {
  const where = served === null ? 'indexed, but not served' : `served at ${served}, sorted by ${sort}`;
  const rows = fields.map(({ field, type, limit, api, facet }) => [
    field,
    type,
    limit ?? '',
    api ?? '(only shown)',
    facet ? 'yes' : '',
  ]);
  return [
    '',
    `entity type ${name}: ${documents} documents, ${where}`,
    ...table(['field', 'type', 'at most', 'filters and sorts call it', 'facet'], rows).map((line) => `  ${line}`),
    ...(example === null ? [] : exampleLines(example)),
  ];
}

function exampleLines({ document, hit }: Presented): readonly string[] {
  return [
    `  the document of ${document.entity_id}:`,
    ...shortened(document),
    '  as the API answers it:',
    ...shortened(hit),
  ];
}

function shortened(value: unknown): readonly string[] {
  const lines = inspect(value, { depth: null, maxArrayLength: null, breakLength: lineLength }).split('\n');
  const more = lines.length > maxExample ? [`… and ${lines.length - maxExample} more lines: see --json`] : [];
  return [...lines.slice(0, maxExample), ...more].map((line) => `    ${line}`);
}

function findingLines(findings: readonly Finding[]): readonly string[] {
  if (findings.length === 0) return ['no findings: it can be used'];
  const rows = findings.map(({ severity, where, what, remedy }) => [severity, where, what, remedy]);
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  return [
    ...table(['', 'where', 'what', 'remedy'], rows, widths),
    '',
    errors === 0 ? 'it can be used: nothing is wrong, though some things are worth a look' : `errors: ${errors}`,
  ];
}
