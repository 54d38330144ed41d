import * as scaling from '@pulumi/aws/appautoscaling/index.js';
import * as pulumi from '@pulumi/pulumi';
import { Concern, type Setting } from '../component.ts';
import type { Cluster } from './cluster.ts';
import type { Worker } from './worker.ts';

/** Seconds between changes, so that one has had its effect before the next. */
const cooldowns = { scaleInCooldown: 300, scaleOutCooldown: 60 };

/** What CloudWatch calls a load balancer and where it sends requests to. */
export interface Balanced {
  readonly balancer: pulumi.Output<string>;
  readonly targets: pulumi.Output<string>;
}

/** As many tasks of `query` as CPU and requests ask for. */
export class Scaling extends Concern {
  constructor(
    setting: Setting,
    { cluster, query, balanced }: { cluster: Cluster; query: Worker; balanced: Balanced },
    options: pulumi.ComponentResourceOptions,
  ) {
    super('Scaling', setting, options);
    const { minimum, maximum, cpuPercent, requestsPerMinute } = setting.stack.roles.query;
    const target = new scaling.Target(
      setting.names.of('other', 'query'),
      {
        serviceNamespace: 'ecs',
        scalableDimension: 'ecs:service:DesiredCount',
        resourceId: pulumi.interpolate`service/${cluster.name}/${query.service.name}`,
        minCapacity: minimum,
        maxCapacity: maximum,
      },
      this.mine,
    );
    const requests = {
      predefinedMetricType: 'ALBRequestCountPerTarget',
      resourceLabel: pulumi.interpolate`${balanced.balancer}/${balanced.targets}`,
    };
    const policy = (what: string, targetValue: number, predefinedMetricSpecification: typeof cpu | typeof requests) => {
      const { serviceNamespace, scalableDimension, resourceId } = target;
      const name = setting.names.of('other', `query-${what}`);
      const shape = { targetValue, predefinedMetricSpecification, ...cooldowns };
      const on = { name, policyType: 'TargetTrackingScaling', serviceNamespace, scalableDimension, resourceId };
      new scaling.Policy(name, { ...on, targetTrackingScalingPolicyConfiguration: shape }, this.mine);
    };
    const cpu = { predefinedMetricType: 'ECSServiceAverageCPUUtilization' };
    policy('cpu', cpuPercent, cpu);
    policy('requests', requestsPerMinute, requests);
    this.registerOutputs({});
  }
}
