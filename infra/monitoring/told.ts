import { LogMetricFilter } from '@pulumi/aws/cloudwatch/index.js';
import type { Setting } from '../component.ts';
import type { Cluster } from '../workers/cluster.ts';
import type { Watched } from './metrics.ts';

const minute = 60;
/** A notification that isn't searchable for longer has something in its way. */
const oldestSeconds = 15 * minute;
/** A store under load is copied half as often as the settings say. */
const copiesMissed = 4;

/** A number in lines of the workers' log, which becomes a metric. */
interface Told {
  readonly metric: string;
  /** which lines; the syntax is CloudWatch's */
  readonly pattern: string;
  /** member of the line */
  readonly member: string;
}

/** As `query/pipeline-metrics.ts` and `transform/copies/copies.ts` write them. */
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

/** Where CloudWatch keeps what a stack's log tells. */
export const toldNamespace = (stack: string): string => `Lazuli/${stack}`;

/**
 * What the application knows of itself, from its log: tasks need no right to put metrics.
 *
 * @returns what of it is watched
 */
export function watchLog(setting: Setting, { logs }: Cluster, options: object): readonly Watched[] {
  const namespace = toldNamespace(setting.names.stack);
  for (const { metric, pattern, member } of [unsearchable, paused, copied]) {
    const name = setting.names.of('other', metric);
    const metricTransformation = { namespace, name: metric, value: `$.${member}` };
    new LogMetricFilter(name, { name, logGroupName: logs.name, pattern, metricTransformation }, options);
  }
  const of = { namespace, dimensions: {}, statistic: 'Maximum', bad: 'above' } as const;
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
      threshold: copiesMissed * setting.stack.storage.copyMinutes * minute,
      // There is none while a generation is built; other alarms report a transform that doesn't run.
      missing: 'notBreaching',
    },
  ];
}
