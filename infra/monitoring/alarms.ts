import { MetricAlarm } from '@pulumi/aws/cloudwatch/index.js';
import * as sns from '@pulumi/aws/sns/index.js';
import type * as pulumi from '@pulumi/pulumi';
import type { Balancer } from '../balancer.ts';
import { Concern, type Setting } from '../component.ts';
import type { Resources } from '../resources.ts';
import type { Cluster } from '../workers/cluster.ts';
import type { Worker } from '../workers/worker.ts';
import { targetsWatched, type Watched, watched } from './metrics.ts';
import { Outside } from './outside.ts';
import { watchLog } from './told.ts';

/** Percent of requests that may fail. */
const failedPercent = 1;
const minutes = 60;
const inPercent = 'IF(requests > 0, 100 * (FILL(targets, 0) + FILL(balancer, 0)) / requests, 0)';

/** Alarms, and whom they tell. */
export class Alarms extends Concern {
  readonly topic: sns.Topic;

  constructor(
    setting: Setting,
    parts: { resources: Resources; cluster: Cluster; balancer: Balancer; workers: ReadonlyMap<string, Worker> },
    options: pulumi.ComponentResourceOptions,
  ) {
    super('Alarms', setting, options);
    const { names, stack } = setting;
    const name = names.of('other', 'alarms');
    this.topic = new sns.Topic(name, { name, kmsMasterKeyId: parts.resources.keys.data.id }, this.mine);
    const to = { topic: this.topic.arn, protocol: 'email', endpoint: stack.monitoring.email };
    new sns.TopicSubscription(name, to, this.mine);
    if (stack.monitoring.alarms) this.#all(setting, parts);
    this.registerOutputs({ topic: this.topic.arn });
  }

  #all(setting: Setting, { resources, cluster, balancer, workers }: ConstructorParameters<typeof Alarms>[1]): void {
    const told = watchLog(setting, cluster, this.mine);
    for (const one of [...watched(setting, resources), ...targetsWatched(balancer), ...told]) this.#alarm(setting, one);
    for (const [role, { service, runs }] of workers) {
      if (!runs) continue;
      const dimensions = { ClusterName: cluster.name, ServiceName: service.name };
      this.#alarm(setting, { ...noTask(role), dimensions });
    }
    this.#failures(setting, balancer);
    new Outside(setting, this.topic, { parent: this });
  }

  #alarm({ names }: Setting, one: Watched): void {
    const name = names.of('other', one.name);
    new MetricAlarm(
      name,
      {
        name,
        alarmDescription: one.description,
        namespace: one.namespace,
        metricName: one.metric,
        dimensions: one.dimensions,
        statistic: one.statistic,
        period: one.period,
        evaluationPeriods: one.periods,
        comparisonOperator: one.bad === 'above' ? 'GreaterThanThreshold' : 'LessThanThreshold',
        threshold: one.threshold,
        treatMissingData: one.missing,
        ...this.#told,
      },
      this.mine,
    );
  }

  #failures({ names }: Setting, { loadBalancer }: Balancer): void {
    const name = names.of('other', '5xx');
    const dimensions = { LoadBalancer: loadBalancer.arnSuffix };
    const sum = (id: string, metricName: string) => ({
      id,
      metric: { namespace: 'AWS/ApplicationELB', metricName, dimensions, period: 5 * minutes, stat: 'Sum' },
    });
    new MetricAlarm(
      name,
      {
        name,
        alarmDescription: `More than ${failedPercent} % of requests are answered with 5xx`,
        metricQueries: [
          { id: 'share', expression: inPercent, label: '5xx in %', returnData: true },
          sum('targets', 'HTTPCode_Target_5XX_Count'),
          sum('balancer', 'HTTPCode_ELB_5XX_Count'),
          sum('requests', 'RequestCount'),
        ],
        evaluationPeriods: 3,
        comparisonOperator: 'GreaterThanThreshold',
        threshold: failedPercent,
        treatMissingData: 'notBreaching',
        ...this.#told,
      },
      this.mine,
    );
  }

  get #told() {
    return { alarmActions: [this.topic.arn], okActions: [this.topic.arn] };
  }
}

const noTask = (role: string): Omit<Watched, 'dimensions'> => ({
  name: `${role}-down`,
  description: `No task of ${role} has run for ten minutes`,
  namespace: 'ECS/ContainerInsights',
  metric: 'RunningTaskCount',
  statistic: 'Maximum',
  period: minutes,
  periods: 10,
  bad: 'below',
  threshold: 1,
  missing: 'breaching',
});
