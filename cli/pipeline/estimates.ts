import type { Settings } from '../../core/config/settings.ts';
import { isWithin, type Restriction } from '../../core/config/sources.ts';
import type { TableEstimate } from '../../core/model/repository.ts';
import { table } from '../output.ts';
import { repositoryOf } from './repository.ts';

/** What reading a source takes. */
export interface SourceEstimate {
  readonly source: string;
  readonly spec: string;
  readonly tables: readonly TableEstimate[];
}

/** Sources of which the repository of a catalog can say what reading them takes. Nothing is read. */
export async function estimatedSources(
  settings: Settings,
  catalog: string,
  restriction: Restriction,
): Promise<readonly SourceEstimate[]> {
  const repository = await repositoryOf(settings, catalog);
  if (repository.estimate === undefined) return [];
  const done = new AbortController();
  try {
    const found: SourceEstimate[] = [];
    for (const source of await repository.listSources(done.signal)) {
      if (!isWithin(source, restriction)) continue;
      const tables = await repository.estimate(source, done.signal);
      if (tables !== null) found.push({ source: source.id, spec: source.spec, tables });
    }
    return found;
  } finally {
    done.abort();
  }
}

export const dollarsOf = (estimates: readonly SourceEstimate[]): number =>
  sum(estimates.flatMap(({ tables }) => tables.map(({ dollars }) => dollars)));

/** For people. */
export function costs(catalog: string, estimates: readonly SourceEstimate[]): readonly string[] {
  const all = estimates.flatMap(({ tables }) => tables);
  const rows = estimates.map(({ spec, tables }) => [spec, ...totals(tables)]);
  const ofTables = estimates.flatMap(({ spec, tables }) =>
    tables.map((one) => [spec, one.table, ...totals([one]).slice(1)]),
  );
  const [, , , dollars = ''] = totals(all);
  return [
    `to read the sources of ${catalog} costs about ${dollars} dollars`,
    ...table(['source', 'tables', 'rows', 'bytes', 'dollars'], rows),
    ...table(['source', 'table', 'rows', 'bytes', 'dollars'], ofTables),
  ];
}

function totals(tables: readonly TableEstimate[]): readonly string[] {
  const known = tables.flatMap(({ rows }) => rows ?? []);
  return [
    String(tables.length),
    known.length < tables.length ? '?' : String(sum(known)),
    String(sum(tables.map(({ bytes }) => bytes))),
    sum(tables.map(({ dollars }) => dollars)).toFixed(4),
  ];
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
