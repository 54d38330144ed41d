import type { Breakdown } from '../measurement.ts';
import { shown } from '../statistics.ts';

/** One size, in a process of its own. Seconds. */
export interface Growth {
  readonly bundles: number;
  readonly skew: number;
  readonly documents: number;
  readonly load: number;
  /** into OpenSearch */
  readonly rebuild: number;
  readonly clientCpu: number;
  readonly serverCpu: number;
  /** without a sink; null where it wasn't measured */
  readonly build: number | null;
  readonly peak: number;
}

/** Of the share that the biggest project has. */
export const nameOf = (skew: number): string => (skew === 1 ? 'one project' : 'many projects');

/** A dash for what wasn't measured. */
export const shownOrNot = (value: number | null): string => (value === null ? '–' : shown(value));

/** What each size took, and what that is for each bundle and document. */
export function scaleTables(all: readonly Growth[]): Breakdown[] {
  return [
    {
      title: 'scale: seconds (peak: MB)',
      head: ['bundles', 'projects', 'documents', 'load', 'rebuild', 'CPU', 'server CPU', 'without sink', 'peak'],
      rows: all.map((growth) => [
        growth.bundles,
        nameOf(growth.skew),
        growth.documents,
        ...[growth.load, growth.rebuild, growth.clientCpu, growth.serverCpu, growth.build, growth.peak].map(shownOrNot),
      ]),
    },
    {
      title: 'scale: a second of the clock, of CPU of the process that rebuilds, of CPU of it and the server together',
      head: [
        'bundles',
        'projects',
        ...['documents', 'bundles'].flatMap((what) => [`${what}/s`, '/CPU s', '/CPU s, all']),
      ],
      rows: all.map((growth) => [
        growth.bundles,
        nameOf(growth.skew),
        ...[growth.documents, growth.bundles].flatMap((count) =>
          [growth.rebuild, growth.clientCpu, growth.clientCpu + growth.serverCpu].map((each) => shown(count / each)),
        ),
      ]),
    },
  ];
}
