import { expect } from 'chai';
import { builderHour } from '../../infra/costs.ts';
import { parseStack } from '../../infra/parse.ts';
import { allows } from './iam.ts';
import { at } from './made.ts';
import { policiesOf } from './policies.ts';
import { type Recording, record } from './recording.ts';
import { building, dev } from './stack-files.ts';

const alarmType = 'aws:cloudwatch/metricAlarm:MetricAlarm';

describe('Builders in a stack', () => {
  let recording: Recording;
  before(async () => {
    recording = await record(building);
  });

  it('are not there unless the stack has a maximum, and cost nothing without a build', async () => {
    const names = (await record(dev)).resources.map(({ name }) => name);
    expect(names.filter((name) => name.includes('build'))).to.deep.equal([]);
    expect(builderHour(parseStack('dev', dev.input))).to.be.closeTo(
      2 * 0.04048 + 8 * 0.004445 + (100 * 0.08) / 730,
      1e-9,
    );
  });

  it('run as many as are wanted, at most the maximum, and none without a build', () => {
    const service = recording.of('aws:ecs/service:Service').find(({ name }) => name === 'lazuli-building-builder');
    expect(service?.inputs.desiredCount).to.equal(0);
    const capacity = (what: string, wanted: number): unknown => {
      const name = `lazuli-building-builder-${what}`;
      const alarm = recording.of(alarmType).find((one) => one.name === name);
      const policy = recording.of('aws:appautoscaling/policy:Policy').find((one) => one.name === name);
      expect(alarm?.inputs.alarmActions).to.deep.equal([policy?.state.arn]);
      const above = wanted - Number(alarm?.inputs.threshold);
      const steps = at(policy?.inputs, 'stepScalingPolicyConfiguration', 'stepAdjustments') as readonly {
        metricIntervalLowerBound?: string;
        metricIntervalUpperBound?: string;
        scalingAdjustment: number;
      }[];
      const [step, ...others] = steps.filter(
        ({ metricIntervalLowerBound: low = '-Infinity', metricIntervalUpperBound: high = 'Infinity' }) =>
          above >= Number(low) && above < Number(high),
      );
      expect(others).to.deep.equal([]);
      return step?.scalingAdjustment;
    };
    expect([1, 2, 3, 16].map((wanted) => capacity('wanted', wanted))).to.deep.equal([1, 2, 3, 3]);
    expect(capacity('idle', 0)).to.equal(0);
    const filter = recording
      .of('aws:cloudwatch/logMetricFilter:LogMetricFilter')
      .find(({ name }) => name.endsWith('BuildersWanted'));
    expect(at(filter?.inputs, 'metricTransformation')).to.deep.include({
      value: '$.builders_wanted',
      defaultValue: '0',
    });
    const missed = recording.of(alarmType).filter(({ name }) => name.endsWith('builder-down'));
    expect(missed).to.deep.equal([]);
  });

  it('reach the port of owners and the world, and nobody reaches them but for metrics', () => {
    const group = (what: string) => `SecurityGroup-id:lazuli-building-${what}`;
    const rules = (rule: 'IngressRule' | 'EgressRule', of: string) =>
      recording
        .of(`aws:vpc/securityGroup${rule}:SecurityGroup${rule}`)
        .filter(({ inputs }) => inputs.securityGroupId === group(of))
        .map(({ inputs: { fromPort, toPort, cidrIpv4, referencedSecurityGroupId } }) => [
          `${fromPort}-${toPort}`,
          cidrIpv4 ?? referencedSecurityGroupId,
        ]);
    expect(rules('IngressRule', 'builders')).to.deep.equal([['8006-8006', group('workers')]]);
    expect(rules('EgressRule', 'builders')).to.have.deep.members([
      ['8003-8003', group('workers')],
      ['443-443', '0.0.0.0/0'],
    ]);
    expect(rules('IngressRule', 'workers')).to.deep.include(['8003-8003', group('builders')]);
  });

  it('read copies of stores alone, and write what they build and dead letters', () => {
    const statements = recording
      .of('aws:iam/rolePolicy:RolePolicy')
      .filter(({ name }) => name === 'lazuli-building-builder')
      .flatMap(policiesOf);
    const may = (action: string, key: string, bucket = 'staging'): boolean => {
      const made = recording
        .of('aws:s3/bucket:Bucket')
        .find(({ name }) => name.startsWith(`lazuli-building-${bucket}`));
      return allows(statements, { action: `s3:${action}`, resource: `${made?.state.arn}/${key}` });
    };
    expect(may('GetObject', '_copies/hca/1-1.json')).to.equal(true);
    expect(may('PutObject', '_building/hca/1-2/3-4-x.parquet')).to.equal(true);
    expect(may('PutObject', 'hca/snapshots/files/x.parquet')).to.equal(true);
    expect(may('PutObject', 'hca/lo/x.json', 'letters')).to.equal(true);
    for (const key of ['_copies/hca/1-1.json', 'hca/manifests/x.json', 'hca/snapshots/manifests/1.json'])
      expect(may('PutObject', key), key).to.equal(false);
    expect(may('GetObject', 'hca/bundles/b.parquet')).to.equal(false);
    expect(may('DeleteObject', '_building/hca/1-2/3-4-x.parquet')).to.equal(false);
    const actions = statements.flatMap(({ Action }) => Action);
    expect(actions.filter((action) => /kinesis:|dynamodb:(Put|Delete|Update)/.test(action))).to.deep.equal([]);
  });
});
