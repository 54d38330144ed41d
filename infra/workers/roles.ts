import { transformStage } from '../../core/config/stages.ts';
import type { Setting } from '../component.ts';
import type { StackConfiguration } from '../configuration.ts';

/** What every task of a role needs, whatever it may do. */
export interface Role {
  /** of the service, of log groups and of DNS: `transform-<catalog>` for each catalog */
  readonly name: string;
  /** arguments of the image's entry point */
  readonly command: readonly string[];
  /** of its HTTP server */
  readonly port: number;
  readonly size: { readonly cpu: number; readonly memory: number };
  readonly tasks: number;
  /** who has what only one may have: it is stopped before the next one starts */
  readonly alone: boolean;
  /** whether it is in the security group of export workers, apart from all other tasks */
  readonly apart?: boolean;
  /** disk of its own, in GiB */
  readonly volumeGiB?: number;
  /** the one that it owns */
  readonly catalog?: string;
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
} as const;

/** Those of tasks that reach each other, for rules of security groups. */
export const sharedPorts = { fromPort: ports.query, toPort: ports.metrics };

/** Fargate allows no more. What a killed worker was about is done again by the next one. */
const longestStop = 120;
/** More than the 20 seconds after which our server cuts requests. */
const serverStop = 30;

/** All roles of a stack, `transform` once for each catalog. */
export function rolesOf({ stack }: Setting): readonly Role[] {
  const { indexer, ingest, query, export: exporter } = stack.roles;
  const served = { alone: false, stopSeconds: serverStop };
  const alone = { alone: true, stopSeconds: longestStop, tasks: 1 };
  return [
    { ...served, name: 'query', command: ['run', 'query'], port: ports.query, size: query.size, tasks: query.minimum },
    { ...served, name: 'indexer', command: ['run', 'indexer'], port: ports.indexer, ...indexer },
    ingestOf(ingest, alone),
    exportOf(exporter),
    ...Object.keys(stack.catalogs).map((catalog) => transformOf(stack, catalog)),
  ];
}

function ingestOf(
  { size, volumeGiB }: StackConfiguration['roles']['ingest'],
  alone: Pick<Role, 'alone' | 'stopSeconds' | 'tasks'>,
): Role {
  const disk = volumeGiB === undefined ? {} : { volumeGiB };
  return { ...alone, ...disk, name: 'ingest', command: ['run', 'ingest'], port: ports.ingest, size };
}

/** One that is stopped leaves its jobs to others, once what it puts at the moment is put. */
function exportOf({ size, tasks, volumeGiB }: StackConfiguration['roles']['export']): Role {
  const served = { port: ports.export, alone: false, stopSeconds: longestStop, apart: true };
  return { ...served, name: 'export', command: ['run', 'export'], size, tasks, volumeGiB };
}

function transformOf({ roles: { transform } }: StackConfiguration, catalog: string): Role {
  const command = ['run', 'transform', '--catalog', catalog];
  return {
    ...transform,
    name: transformStage(catalog),
    catalog,
    command,
    port: ports.transform,
    tasks: 1,
    alone: true,
    stopSeconds: longestStop,
  };
}
