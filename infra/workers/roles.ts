import { transformStage } from '../../core/config/stages.ts';
import type { Setting } from '../component.ts';
import type { StackConfiguration } from '../configuration.ts';

/** What is run: it decides what a task may do. */
export type RoleKind = 'query' | 'indexer' | 'ingest' | 'transform' | 'export' | 'builder';

/** What every task of a role needs, whatever it may do. */
export interface Role {
  readonly kind: RoleKind;
  /** of the service, of log groups and of DNS: `transform-<catalog>` for each catalog, `ingest-<number>` after the first */
  readonly name: string;
  /** arguments of the image's entry point */
  readonly command: readonly string[];
  /** of its HTTP server */
  readonly port: number;
  readonly size: { readonly cpu: number; readonly memory: number };
  readonly tasks: number;
  /** who has what only one may have: it is stopped before the next one starts */
  readonly alone: boolean;
  /** its security group; absent: that of all other tasks */
  readonly group?: 'exporters' | 'builders';
  /** disk of its own, in GiB */
  readonly volumeGiB?: number;
  /** the one that it owns */
  readonly catalog?: string;
  /** those whose services must be as the stack says before this one changes */
  readonly after?: readonly string[];
  /** whether it reads a stream by the Kinesis Client Library */
  readonly kcl?: boolean;
  /** seconds from SIGTERM to SIGKILL, enough to finish what is being worked on */
  readonly stopSeconds: number;
}

/** Ports inside the containers, as the application's defaults. */
export const ports = {
  query: 8000,
  indexer: 8001,
  ingest: 8002,
  transform: 8003,
  metrics: 8004,
  export: 8005,
  builder: 8006,
} as const;

/** Those of tasks that reach each other, for rules of security groups. */
export const sharedPorts = { fromPort: ports.query, toPort: ports.metrics };

/** Fargate allows no more. What a killed worker was about is done again by the next one. */
const longestStop = 120;
/** More than the 20 seconds after which our server cuts requests. */
const serverStop = 30;

/** All roles of a stack, `transform` once for each catalog. */
export function rolesOf({ stack }: Setting): readonly Role[] {
  const { indexer, ingest, query, export: exporter, builder } = stack.roles;
  const served = { alone: false, stopSeconds: serverStop };
  return [
    {
      ...{ ...served, kind: 'query', name: 'query', command: ['run', 'query'] },
      ...{ port: ports.query, size: query.size, tasks: query.minimum },
    },
    { ...served, kind: 'indexer', name: 'indexer', command: ['run', 'indexer'], port: ports.indexer, ...indexer },
    ...ingestOf(ingest),
    exportOf(exporter),
    ...builderOf(builder),
    ...Object.keys(stack.catalogs).map((catalog) => transformOf(stack, catalog)),
  ];
}

/** Workers of ingest are called so, the first one as the stage: names of the library's workers stay over restarts. */
export const ingestNames = (tasks: number): readonly string[] =>
  Array.from({ length: tasks }, (_, at) => (at === 0 ? 'ingest' : `ingest-${at + 1}`));

/**
 * A service for each worker, so that each keeps its name. Whoever reads alone starts once the others are stopped, and the
 * others start once it is.
 */
function ingestOf({ size, volumeGiB, driver, tasks }: StackConfiguration['roles']['ingest']): readonly Role[] {
  const [first = 'ingest', ...others] = ingestNames(tasks);
  const kcl = driver === 'kcl';
  const worker = (name: string, running: number, after: readonly string[]): Role => ({
    ...{ kind: 'ingest', name, size, port: ports.ingest, tasks: running, alone: true, stopSeconds: longestStop },
    ...(volumeGiB === undefined ? {} : { volumeGiB }),
    command: ['run', 'ingest', ...(kcl ? ['--driver', 'kcl', '--worker', name] : [])],
    ...{ after, kcl },
  });
  if (kcl) return [worker(first, 1, []), ...others.map((name) => worker(name, 1, [first]))];
  return [...others.map((name) => worker(name, 0, [])), worker(first, 1, others)];
}

/** One that is stopped leaves its jobs to others, once what it puts at the moment is put. */
function exportOf({ size, tasks, volumeGiB }: StackConfiguration['roles']['export']): Role {
  const served = { port: ports.export, alone: false, stopSeconds: longestStop, group: 'exporters' } as const;
  return { ...served, kind: 'export', name: 'export', command: ['run', 'export'], size, tasks, volumeGiB };
}

/** None run until a build wants some: `infra/workers/building.ts` starts them. */
function builderOf({ maximum, ...own }: StackConfiguration['roles']['builder']): readonly Role[] {
  if (maximum === 0) return [];
  const shape = { port: ports.builder, tasks: 0, alone: false, stopSeconds: longestStop, group: 'builders' } as const;
  return [{ ...own, ...shape, kind: 'builder', name: 'builder', command: ['run', 'builder'] }];
}

function transformOf({ roles: { transform } }: StackConfiguration, catalog: string): Role {
  const command = ['run', 'transform', '--catalog', catalog];
  return {
    ...transform,
    kind: 'transform',
    name: transformStage(catalog),
    catalog,
    command,
    port: ports.transform,
    tasks: 1,
    alone: true,
    stopSeconds: longestStop,
  };
}
