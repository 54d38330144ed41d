import { LogMetricFilter } from '@pulumi/aws/cloudwatch/index.js';
import type { Setting } from '../component.ts';
import type { Cluster } from '../workers/cluster.ts';
import type { Watched } from './metrics.ts';

const minute = 60;
/** A notification that isn't searchable for longer has something in its way. */
const oldestSeconds = 15 * minute;
/** A store under load is copied half as often as the settings say. */
const copiesMissed = 4;

/** Nobody has begun to make an export that was asked for so long ago. */
const longestWait = 15 * minute;
/** Less than that of a disk is little. */
const leastFreePercent = 10;

/** A number in lines of the workers' log, which becomes a metric. */
interface Told {
  readonly metric: string;
  /** which lines; the syntax is CloudWatch's */
  readonly pattern: string;
  /** member of the line; absent: lines are counted */
  readonly member?: string;
}

/** As `query/pipeline-metrics.ts`, `transform/copies/copies.ts`, `query/manifests/watching.ts` and `exports/` write them. */
const pipelineLines = '{ $.name = "query" && $.msg = "pipeline" }';
const unsearchable: Told = {
  metric: 'OldestUnsearchableSeconds',
  pattern: pipelineLines,
  member: 'oldest_unsearchable_seconds',
};
const paused: Told = { metric: 'PausedStages', pattern: pipelineLines, member: 'paused_stages' };
const copied: Told = {
  metric: 'StoreUncopiedSeconds',
  pattern: '{ $.name = "transform" && $.msg = "store copy" }',
  member: 'uncopied_seconds',
};

const exportLines = '{ $.name = "query" && $.msg = "exports" }';
const unfinished: Told = { metric: 'UnfinishedExports', pattern: exportLines, member: 'unfinished' };
const exporters: Told = { metric: 'ExportWorkers', pattern: exportLines, member: 'workers' };
const waiting: Told = {
  metric: 'OldestWaitingExportSeconds',
  pattern: exportLines,
  member: 'oldest_waiting_seconds',
};
/** Not those that are too large for a format: that is what was asked for. */
const failed: Told = {
  metric: 'FailedExports',
  pattern: '{ $.name = "export" && $.msg = "an export can not be made" && $.code != "export_too_large" }',
};
const free: Told = {
  metric: 'ExportDiskFreePercent',
  pattern: '{ $.name = "export" && $.msg = "disk" }',
  member: 'free_percent',
};
const all = [unsearchable, paused, copied, unfinished, exporters, waiting, failed, free];

/** How many metrics a stack's log becomes. */
export const toldMetrics = all.length;

/** Where CloudWatch keeps what a stack's log tells. */
export const toldNamespace = (stack: string): string => `Lazuli/${stack}`;

/**
 * What the application knows of itself, from its log: tasks need no right to put metrics.
 *
 * @returns what of it is watched
 */
export function watchLog(setting: Setting, { logs }: Cluster, options: object): readonly Watched[] {
  const namespace = toldNamespace(setting.names.stack);
  for (const { metric, pattern, member } of all) {
    const name = setting.names.of('other', metric);
    const metricTransformation = { namespace, name: metric, value: member === undefined ? '1' : `$.${member}` };
    new LogMetricFilter(name, { name, logGroupName: logs.name, pattern, metricTransformation }, options);
  }
  return [...pipelineWatched(setting), ...exportsWatched(namespace)];
}

function pipelineWatched({ names, stack }: Setting): readonly Watched[] {
  const of = { namespace: toldNamespace(names.stack), dimensions: {}, statistic: 'Maximum', bad: 'above' } as const;
  return [
    {
      ...of,
      name: 'unsearchable',
      description: `A notification waits for more than ${oldestSeconds / minute} minutes to be searchable, or no query task tells`,
      metric: unsearchable.metric,
      period: minute,
      periods: 10,
      threshold: oldestSeconds,
      // Tasks of query tell every minute, whatever becomes of the workers: no value means that none runs.
      missing: 'breaching',
    },
    {
      ...of,
      name: 'paused',
      description: 'A stage stands still for ten minutes: `lazuli status` says why',
      metric: paused.metric,
      period: minute,
      periods: 10,
      threshold: 0,
      missing: 'breaching',
    },
    {
      ...of,
      name: 'copies',
      description: 'A store has changed and was not copied for too long; see the log of transform',
      metric: copied.metric,
      period: 5 * minute,
      periods: 3,
      threshold: copiesMissed * stack.storage.copyMinutes * minute,
      // There is none while a generation is built; other alarms report a transform that doesn't run.
      missing: 'notBreaching',
    },
  ];
}

function exportsWatched(namespace: string): readonly Watched[] {
  const of = { namespace, dimensions: {} } as const;
  return [
    {
      ...of,
      name: 'exports-waiting',
      description: `An export that was asked for ${longestWait / minute} minutes ago was not begun: more export workers are needed, or they are stuck`,
      metric: waiting.metric,
      statistic: 'Maximum',
      bad: 'above',
      period: minute,
      periods: 5,
      threshold: longestWait,
      missing: 'notBreaching',
    },
    {
      ...of,
      name: 'exports-silent',
      description: 'No export worker has been heard of for ten minutes, or no query task tells',
      metric: exporters.metric,
      statistic: 'Maximum',
      bad: 'below',
      period: minute,
      periods: 10,
      threshold: 1,
      missing: 'breaching',
    },
    {
      ...of,
      name: 'exports-failed',
      description: 'An export could not be made; the log of export says why',
      metric: failed.metric,
      statistic: 'Sum',
      bad: 'above',
      period: 5 * minute,
      periods: 1,
      threshold: 0,
      missing: 'notBreaching',
    },
    {
      ...of,
      name: 'exports-disk',
      description: `An export worker has less than ${leastFreePercent} % of its disk left`,
      metric: free.metric,
      statistic: 'Minimum',
      bad: 'below',
      period: minute,
      periods: 5,
      threshold: leastFreePercent,
      // Other alarms report a worker that doesn't run.
      missing: 'notBreaching',
    },
  ];
}
