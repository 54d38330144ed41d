import { LogGroup } from '@pulumi/aws/cloudwatch/index.js';
import * as waf from '@pulumi/aws/wafv2/index.js';
import type * as pulumi from '@pulumi/pulumi';
import type { Balancer } from './balancer.ts';
import { Concern, type Setting } from './component.ts';
import type { Keys } from './keys.ts';

/** Seconds: how long a caller should wait, and over which time its requests are counted. */
const retryAfter = 30;
const windowSeconds = 300;

/** Rules of AWS's own. Long queries and bodies are the API's, so their size is only counted. */
const managed = [
  { name: 'AWSManagedRulesCommonRuleSet', counted: ['SizeRestrictions_QUERYSTRING', 'SizeRestrictions_BODY'] },
  { name: 'AWSManagedRulesAmazonIpReputationList', counted: [] },
  { name: 'AWSManagedRulesUnixRuleSet', counted: [] },
];

/** Refuses addresses that ask too often (429), and what looks like an attack; only what it blocks is logged. */
export class Firewall extends Concern {
  constructor(setting: Setting, { loadBalancer }: Balancer, keys: Keys, options: pulumi.ComponentResourceOptions) {
    super('Firewall', setting, options);
    const { names, stack } = setting;
    const name = names.of('other', 'firewall');
    const acl = new waf.WebAcl(
      name,
      {
        name,
        scope: 'REGIONAL',
        defaultAction: { allow: {} },
        visibilityConfig: visible('firewall'),
        rules: [rateRule(setting), ...managed.map(managedRule)],
      },
      this.mine,
    );
    new waf.WebAclAssociation(name, { webAclArn: acl.arn, resourceArn: loadBalancer.arn }, this.mine);
    const logs = new LogGroup(
      name,
      { name: `aws-waf-logs-lazuli-${names.stack}`, kmsKeyId: keys.data.arn, retentionInDays: stack.logDays },
      this.mine,
    );
    new waf.WebAclLoggingConfiguration(
      name,
      {
        resourceArn: acl.arn,
        logDestinationConfigs: [logs.arn],
        loggingFilter: {
          defaultBehavior: 'DROP',
          filters: [
            { behavior: 'KEEP', requirement: 'MEETS_ANY', conditions: [{ actionCondition: { action: 'BLOCK' } }] },
          ],
        },
      },
      this.mine,
    );
    this.registerOutputs({});
  }
}

/** Notifications are signed and come many at a time from one address: they are not counted. */
function rateRule({ stack }: Setting) {
  const toIndexer = {
    byteMatchStatement: {
      fieldToMatch: { singleHeader: { name: 'host' } },
      positionalConstraint: 'EXACTLY',
      searchString: stack.domain.indexer,
      textTransformations: [{ priority: 0, type: 'LOWERCASE' }],
    },
  };
  const responseHeaders = [{ name: 'Retry-After', value: `${retryAfter}` }];
  return {
    name: 'rate',
    priority: 0,
    action: { block: { customResponse: { responseCode: 429, responseHeaders } } },
    statement: {
      rateBasedStatement: {
        limit: stack.requestsPerAddress,
        aggregateKeyType: 'IP',
        evaluationWindowSec: windowSeconds,
        scopeDownStatement: { notStatement: { statement: toIndexer } },
      },
    },
    visibilityConfig: visible('rate'),
  };
}

function managedRule({ name, counted }: (typeof managed)[number], at: number) {
  const ruleActionOverrides = counted.map((rule) => ({ name: rule, actionToUse: { count: {} } }));
  return {
    name,
    priority: at + 1,
    overrideAction: { none: {} },
    statement: { managedRuleGroupStatement: { vendorName: 'AWS', name, ruleActionOverrides } },
    visibilityConfig: visible(name),
  };
}

const visible = (metricName: string) => ({ metricName, cloudwatchMetricsEnabled: true, sampledRequestsEnabled: true });
