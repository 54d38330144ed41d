import * as scaling from '@pulumi/aws/appautoscaling/index.js';
import { LogMetricFilter, MetricAlarm } from '@pulumi/aws/cloudwatch/index.js';
import * as pulumi from '@pulumi/pulumi';
import { Concern, type Setting } from '../component.ts';
import { toldNamespace } from '../monitoring/told.ts';
import type { Cluster } from './cluster.ts';
import type { Worker } from './worker.ts';

const minute = 60;
const metric = 'BuildersWanted';
/** Minutes without a wish after which builders end: an owner that is deployed anew is back by then. */
const idleMinutes = 5;

/** How many builders run: as many as the owner of a catalog wants by its log (`transform/owner/buckets.ts`), and none without a build. */
export class Building extends Concern {
  constructor(
    setting: Setting,
    { cluster, builder }: { cluster: Cluster; builder: Worker },
    options: pulumi.ComponentResourceOptions,
  ) {
    super('Building', setting, options);
    const { names, stack } = setting;
    const { maximum } = stack.roles.builder;
    const namespace = toldNamespace(names.stack);
    const named = names.of('other', metric);
    const pattern = '{ $.name = "transform" && $.msg = "builders" }';
    // The group has lines every minute, so there is a 0 where nobody wants any.
    const metricTransformation = { namespace, name: metric, value: '$.builders_wanted', defaultValue: '0' };
    new LogMetricFilter(
      named,
      { name: named, logGroupName: cluster.logs.name, pattern, metricTransformation },
      this.mine,
    );
    const target = new scaling.Target(
      names.of('other', 'builder'),
      {
        serviceNamespace: 'ecs',
        scalableDimension: 'ecs:service:DesiredCount',
        resourceId: pulumi.interpolate`service/${cluster.name}/${builder.service.name}`,
        minCapacity: 0,
        maxCapacity: maximum,
      },
      this.mine,
    );
    const step = (what: string, stepAdjustments: readonly Step[], when: When): void => {
      const name = names.of('other', `builder-${what}`);
      const { serviceNamespace, scalableDimension, resourceId } = target;
      const policy = new scaling.Policy(
        name,
        {
          ...{ name, policyType: 'StepScaling', serviceNamespace, scalableDimension, resourceId },
          stepScalingPolicyConfiguration: {
            adjustmentType: 'ExactCapacity',
            cooldown: minute,
            metricAggregationType: 'Maximum',
            stepAdjustments: [...stepAdjustments],
          },
        },
        this.mine,
      );
      const { description, ...rest } = when;
      const watched = { namespace, metricName: metric, statistic: 'Maximum', threshold: 1 };
      new MetricAlarm(
        name,
        { name, alarmDescription: description, ...watched, ...rest, alarmActions: [policy.arn] },
        this.mine,
      );
    };
    step('wanted', stepsUpTo(maximum), {
      description: 'A build wants builders: nothing is wrong',
      comparisonOperator: 'GreaterThanOrEqualToThreshold',
      // Owners say it once a minute: one of two has it.
      ...{ period: 2 * minute, evaluationPeriods: 1, treatMissingData: 'notBreaching' },
    });
    step('idle', [{ metricIntervalUpperBound: '0', scalingAdjustment: 0 }], {
      description: 'No build wants builders: nothing is wrong',
      comparisonOperator: 'LessThanThreshold',
      ...{ period: minute, evaluationPeriods: idleMinutes, treatMissingData: 'breaching' },
    });
    this.registerOutputs({});
  }
}

interface Step {
  readonly metricIntervalLowerBound?: string;
  readonly metricIntervalUpperBound?: string;
  readonly scalingAdjustment: number;
}

interface When {
  readonly description: string;
  readonly comparisonOperator: string;
  readonly period: number;
  readonly evaluationPeriods: number;
  readonly treatMissingData: string;
}

/** As many as are wanted, the most for all beyond; bounds count from the alarm's threshold, which is 1. */
const stepsUpTo = (maximum: number): readonly Step[] =>
  Array.from({ length: maximum }, (_, at) => ({
    metricIntervalLowerBound: `${at}`,
    ...(at === maximum - 1 ? {} : { metricIntervalUpperBound: `${at + 1}` }),
    scalingAdjustment: at + 1,
  }));
