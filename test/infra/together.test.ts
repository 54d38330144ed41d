import { expect } from 'chai';
import { parseSettings } from '../../core/config/settings.ts';
import { alarmsOf, monthly } from '../../infra/costs.ts';
import { parseStack } from '../../infra/parse.ts';
import { allows } from './iam.ts';
import { policiesOf } from './policies.ts';
import { type Recording, record } from './recording.ts';
import { dev, type StackFile, together } from './stack-files.ts';

const serviceType = 'aws:ecs/service:Service';
const ingestOf = ({ input }: StackFile, change: object): StackFile => ({
  name: 'shared',
  input: { ...input, roles: { ...Object(input.roles), ingest: change } },
});

/** Services of ingest: how many tasks run, what they run, and which services come first. */
const servicesOf = (recording: Recording) =>
  recording
    .of(serviceType)
    .filter(({ name }) => /-ingest(-\d+)?$/.test(name))
    .map(({ name, inputs, dependsOn }) => {
      const task = recording.of('aws:ecs/taskDefinition:TaskDefinition').find((one) => one.name === name);
      const [{ command }] = JSON.parse(String(task?.inputs.containerDefinitions)) as [{ command: string[] }];
      const first = dependsOn.filter((one) => /-ingest(-\d+)?$/.test(one));
      return [name.replace('lazuli-shared-', ''), inputs.desiredCount, command.slice(2).join(' '), first];
    })
    .sort();

describe('Ingest by the Kinesis Client Library in a stack', () => {
  let recording: Recording;
  before(async () => {
    recording = await record(together);
  });

  it('has a service for each worker, with a name that stays; the others start once the first one is changed', () => {
    expect(servicesOf(recording)).to.deep.equal([
      ['ingest', 1, '--driver kcl --worker ingest', []],
      ['ingest-2', 1, '--driver kcl --worker ingest-2', ['lazuli-shared-ingest']],
      ['ingest-3', 1, '--driver kcl --worker ingest-3', ['lazuli-shared-ingest']],
    ]);
  });

  it('ends before one task reads alone', async () => {
    expect(servicesOf(await record(ingestOf(together, { tasks: 2 })))).to.deep.equal([
      ['ingest', 1, '', ['lazuli-shared-ingest-2']],
      ['ingest-2', 0, '', []],
    ]);
  });

  it('lets workers use the tables that the stack makes, and neither make nor change any', () => {
    const tables = recording
      .of('aws:dynamodb/table:Table')
      .map(({ name }) => name)
      .filter((name) => !name.endsWith('-coordination'));
    const application = 'lazuli-shared-ingest';
    const names = [application, `${application}-CoordinatorState`, `${application}-WorkerMetricStats`];
    expect(tables.sort()).to.deep.equal(names);
    const [object] = recording.of('aws:s3/bucketObjectv2:BucketObjectv2');
    const { kinesis } = parseSettings(JSON.parse(String(object?.inputs.content)), 'settings');
    expect(kinesis.kcl).to.deep.include({ application, fanOut: true });
    for (const role of ['ingest', 'ingest-2', 'ingest-3']) {
      const statements = recording
        .of('aws:iam/rolePolicy:RolePolicy')
        .filter(({ name }) => name === `lazuli-shared-${role}`)
        .flatMap(policiesOf);
      const arn = (name: string) =>
        String(recording.of('aws:dynamodb/table:Table').find((one) => one.name === name)?.state.arn);
      const may = (action: string, resource: string) => allows(statements, { action, resource });
      for (const name of names) {
        for (const action of ['DescribeTable', 'Scan', 'GetItem', 'PutItem', 'UpdateItem', 'DeleteItem'])
          expect(may(`dynamodb:${action}`, arn(name)), `${role} ${action} ${name}`).to.equal(true);
        for (const action of ['CreateTable', 'UpdateTable', 'DeleteTable'])
          expect(may(`dynamodb:${action}`, arn(name)), `${role} ${action} ${name}`).to.equal(false);
      }
      expect(may('dynamodb:Query', `${arn(application)}/index/LeaseOwnerToLeaseKeyIndex`)).to.equal(true);
      const stream = (what: string) =>
        String(
          recording.of('aws:kinesis/stream:Stream').find(({ name }) => name === `lazuli-shared-${what}`)?.state.arn,
        );
      const consumer = (what: string) => `${stream(what)}/consumer/${application}:1`;
      expect(may('kinesis:RegisterStreamConsumer', stream('notifications'))).to.equal(true);
      expect(may('kinesis:SubscribeToShard', consumer('notifications'))).to.equal(true);
      expect(may('kinesis:SubscribeToShard', consumer('batches'))).to.equal(false);
    }
  });

  it('is watched by what the stream pushes, and a task that is not to run is not missed', async () => {
    const alarms = (one: Recording) => one.of('aws:cloudwatch/metricAlarm:MetricAlarm').map(({ name }) => name);
    expect(alarms(recording)).to.include.members(['lazuli-shared-leases-throttled', 'lazuli-shared-ingest-3-down']);
    const age = recording
      .of('aws:cloudwatch/metricAlarm:MetricAlarm')
      .find(({ name }) => name === 'lazuli-shared-notifications-age');
    expect(age?.inputs).to.deep.include({
      metricName: 'SubscribeToShardEvent.MillisBehindLatest',
      dimensions: { StreamName: 'lazuli-shared-notifications', ConsumerName: 'lazuli-shared-ingest' },
    });
    const alone = await record(ingestOf(together, { tasks: 2 }));
    expect(alarms(alone).filter((name) => /ingest-2|leases/.test(name))).to.deep.equal([]);
  });

  it('costs a task more for each worker, its alarms, and what the stream asks for pushing', () => {
    const costs = (change: object) => monthly(parseStack('shared', ingestOf(together, change).input));
    const [one, three] = [costs({}), costs({ driver: 'kcl', tasks: 3, fanOut: true })];
    // a core and 4 GiB for 730 hours, twice; 4 shards for 730 hours
    expect(three.tasks - one.tasks).to.be.closeTo(2 * 730 * (0.04048 + 4 * 0.004445), 1e-6);
    expect(three.streams - one.streams).to.be.closeTo(730 * 4 * 0.015, 1e-6);
    const count = (stack: StackFile) => alarmsOf(parseStack('shared', stack.input));
    expect(count(together) - count(dev)).to.equal(3);
  });
});
