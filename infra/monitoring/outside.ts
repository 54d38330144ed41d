import { MetricAlarm } from '@pulumi/aws/cloudwatch/index.js';
import { HealthCheck } from '@pulumi/aws/route53/index.js';
import * as sns from '@pulumi/aws/sns/index.js';
import type * as pulumi from '@pulumi/pulumi';
import { Concern, type Setting } from '../component.ts';

/** Where Route 53 has its metrics, wherever a stack is; an alarm tells only topics of its own region. */
const region = 'us-east-1';
const roles = ['query', 'indexer'] as const;
const minute = 60;
/** Seconds between probes of one place, and how many must fail. */
const probing = { requestInterval: 30, failureThreshold: 3 };

/**
 * Probes `/health/basic` of both names from several parts of the world, as callers come: through DNS, certificate, firewall
 * and load balancer.
 */
export class Outside extends Concern {
  /** @param topic of the stack's alarms */
  constructor(setting: Setting, topic: sns.Topic, options: pulumi.ComponentResourceOptions) {
    super('Outside', setting, options);
    const told = setting.stack.region === region ? topic : this.#topic(setting);
    for (const role of roles) this.#probe(setting, role, told);
    this.registerOutputs({});
  }

  #topic({ names, stack }: Setting): sns.Topic {
    const name = names.of('other', 'outside');
    const topic = new sns.Topic(name, { name, region }, this.mine);
    const to = { topic: topic.arn, protocol: 'email', endpoint: stack.monitoring.email, region };
    new sns.TopicSubscription(name, to, this.mine);
    return topic;
  }

  #probe({ names, stack }: Setting, role: (typeof roles)[number], topic: sns.Topic): void {
    const name = names.of('other', `${role}-outside`);
    const fqdn = stack.domain[role];
    const check = new HealthCheck(
      name,
      { type: 'HTTPS', fqdn, port: 443, resourcePath: '/health/basic', ...probing, tags: { Name: name } },
      this.mine,
    );
    new MetricAlarm(
      name,
      {
        name,
        region,
        alarmDescription: `https://${fqdn}/health/basic does not answer from outside`,
        namespace: 'AWS/Route53',
        metricName: 'HealthCheckStatus',
        dimensions: { HealthCheckId: check.id },
        statistic: 'Minimum',
        period: minute,
        evaluationPeriods: 5,
        comparisonOperator: 'LessThanThreshold',
        threshold: 1,
        treatMissingData: 'breaching',
        alarmActions: [topic.arn],
        okActions: [topic.arn],
      },
      this.mine,
    );
  }
}
