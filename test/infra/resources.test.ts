import { expect } from 'chai';
import { parseSettings } from '../../core/config/settings.ts';
import { resultsFolder } from '../../core/exports/objects.ts';
import { snapshotsFolder } from '../../core/exports/snapshots.ts';
import { allCopies } from '../../transform/copies/layout.ts';
import { at, type Inputs } from './made.ts';
import { type Recorded, type Recording, record } from './recording.ts';
import { dev, stackFiles } from './stack-files.ts';

/** Where each kind of resource that keeps anything says that it is encrypted with the stack's key. */
const encryption: Readonly<Record<string, (inputs: Inputs) => unknown>> = {
  'aws:kinesis/stream:Stream': ({ encryptionType, kmsKeyId }) => encryptionType === 'KMS' && kmsKeyId,
  'aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream': (inputs) =>
    at(inputs, 'extendedS3Configuration', 'kmsKeyArn') === at(inputs, 'serverSideEncryption', 'keyArn') &&
    at(inputs, 'serverSideEncryption', 'keyArn'),
  'aws:dynamodb/table:Table': (inputs) => at(inputs, 'serverSideEncryption', 'kmsKeyArn'),
  'aws:cloudwatch/logGroup:LogGroup': ({ kmsKeyId }) => kmsKeyId,
  'aws:secretsmanager/secret:Secret': ({ kmsKeyId }) => kmsKeyId,
  'aws:opensearch/domain:Domain': (inputs) =>
    at(inputs, 'nodeToNodeEncryption', 'enabled') === true &&
    at(inputs, 'domainEndpointOptions', 'enforceHttps') === true &&
    at(inputs, 'encryptAtRest', 'enabled') === true &&
    at(inputs, 'encryptAtRest', 'kmsKeyId'),
  'aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration': (inputs) =>
    at(inputs, 'rules', 0, 'applyServerSideEncryptionByDefault', 'kmsMasterKeyId'),
};

/** What is deleted of copies of stores, of snapshots and of results of exports is gone the next day; results expire. */
const volatile = [
  { filter: { prefix: allCopies } },
  { filter: { prefix: snapshotsFolder('hca') } },
  { filter: { prefix: resultsFolder }, expiration: { days: 7 } },
].map((rule) => ({ status: 'Enabled', noncurrentVersionExpiration: { noncurrentDays: 1 }, ...rule }));

/** Longest names, by type: the member that AWS limits, and to how many characters. */
const longest: Readonly<Record<string, readonly [string, number]>> = {
  'aws:iam/role:Role': ['name', 64],
  'aws:s3/bucket:Bucket': ['bucket', 63],
  'aws:opensearch/domain:Domain': ['domainName', 28],
  'aws:lb/loadBalancer:LoadBalancer': ['name', 32],
  'aws:lb/targetGroup:TargetGroup': ['name', 32],
  'aws:kinesis/stream:Stream': ['name', 128],
  'aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream': ['name', 64],
  'aws:dynamodb/table:Table': ['name', 255],
  'aws:ecs/service:Service': ['name', 255],
  'aws:wafv2/webAcl:WebAcl': ['name', 128],
  'aws:cloudwatch/metricAlarm:MetricAlarm': ['name', 255],
};

const namesIn = (recording: Recording): readonly string[] =>
  Object.entries(longest).flatMap(([type, [member]]) =>
    recording.of(type).map(({ inputs }) => `${type} ${String(inputs[member])}`),
  );

/** What the program puts at an address as `readObject` takes it. */
function storedAt(recording: Recording, address: string): string {
  const found = recording.of('aws:s3/bucketObjectv2:BucketObjectv2').find(({ inputs, state }) => {
    return address === `s3://${inputs.bucket}/${inputs.key}?versionId=${state.versionId}`;
  });
  return String(found?.inputs.content);
}

const containersOf = ({ inputs }: Recorded): readonly Inputs[] => JSON.parse(String(inputs.containerDefinitions));

for (const stack of stackFiles) {
  describe(`Resources of the stack ${stack.name}`, () => {
    let recording: Recording;
    before(async () => {
      recording = await record(stack);
    });

    it('are encrypted with the key of the stack, whatever keeps something', () => {
      const [key] = recording.of('aws:kms/key:Key');
      for (const [type, keyOf] of Object.entries(encryption)) {
        for (const { name, inputs } of recording.of(type))
          expect(keyOf(inputs), `${type} ${name}`).to.equal(key?.state.arn);
      }
      expect(key?.inputs.enableKeyRotation).to.equal(true);
    });

    it('have no public bucket; each is versioned and stays as long as it should', () => {
      const buckets = recording.of('aws:s3/bucket:Bucket');
      const about = (kind: string, { name }: Recorded) =>
        recording.of(`aws:s3/bucket${kind}:Bucket${kind}`).find((r) => r.name === name)?.inputs;
      expect(buckets).to.have.length(3);
      for (const bucket of buckets) {
        const { bucket: _, ...blocked } = about('PublicAccessBlock', bucket) ?? {};
        expect(blocked).to.deep.equal({
          blockPublicAcls: true,
          blockPublicPolicy: true,
          ignorePublicAcls: true,
          restrictPublicBuckets: true,
        });
        expect(at(about('Versioning', bucket), 'versioningConfiguration', 'status')).to.equal('Enabled');
        const rules = at(about('LifecycleConfiguration', bucket), 'rules') as readonly Inputs[];
        const expires = rules.some((rule) => 'expiration' in rule && at(rule, 'filter', 'prefix') === '');
        expect(expires, bucket.name).to.equal(bucket.name.endsWith('-archive'));
        expect(rules.map(({ id }) => id)).to.include.members(['unfinished-uploads', 'noncurrent-versions']);
        const early = rules.filter(({ filter }) => at(filter, 'prefix') !== '').map(({ id: _, ...rule }) => rule);
        expect(early).to.deep.equal(bucket.name.endsWith('-staging') ? volatile : []);
      }
    });

    it('are tagged: all of them are made by the provider that tags', () => {
      const [provider] = recording.of('pulumi:providers:aws');
      const tags = JSON.parse(String(provider?.inputs.defaultTags));
      const { owner, billing, account } = stack.input;
      expect(tags).to.deep.equal({ tags: { project: 'lazuli', deployment: stack.name, owner, billing } });
      expect(JSON.parse(String(provider?.inputs.allowedAccountIds))).to.deep.equal([account]);
      const others = recording.resources.filter(
        (resource) => resource.type.startsWith('aws:') && !resource.provider.includes(`::lazuli-${stack.name}-aws::`),
      );
      expect(others.map(({ name }) => name)).to.deep.equal([]);
    });

    it('have different names that AWS takes', () => {
      for (const [type, [member, limit]] of Object.entries(longest)) {
        for (const { inputs } of recording.of(type)) {
          expect(String(inputs[member]), type)
            .to.match(/^lazuli-[a-z0-9-]+$/)
            .and.have.length.at.most(limit);
        }
      }
      const names = namesIn(recording);
      expect(names).to.have.length(new Set(names).size);
    });

    it('keep data from being destroyed, where the stack says so', () => {
      const kept = recording.resources.filter(({ protect }) => protect).map(({ type }) => type.split(':')[2]);
      const own = stack.name === 'alice2' ? [] : ['Bucket', 'Domain', 'Key', 'Stream', 'Table'];
      expect([...new Set(kept)].sort()).to.deep.equal(own);
      expect(recording.resources.filter(({ protect, retain }) => protect !== retain)).to.deep.equal([]);
      const emptied = recording.of('aws:s3/bucket:Bucket').map(({ inputs }) => inputs.forceDestroy);
      expect(new Set(emptied)).to.deep.equal(new Set([stack.input.protect === false]));
    });

    it('run workers unprivileged, on a read-only file system, with settings that the application takes', () => {
      for (const task of recording.of('aws:ecs/taskDefinition:TaskDefinition')) {
        for (const container of containersOf(task)) {
          expect(container, task.name).to.include({ readonlyRootFilesystem: true, image: stack.input.image });
          if (container.name !== 'lazuli') continue;
          expect(container.user).to.equal('1000:1000');
          expect(at(container, 'linuxParameters', 'capabilities')).to.deep.equal({ drop: ['ALL'] });
          const environment = new Map(
            (container.environment as { name: string; value: string }[]).map(({ name, value }) => [name, value]),
          );
          const { LAZULI_SETTINGS = '', LAZULI_SETTINGS_OBJECT: address } = Object.fromEntries(environment);
          const text = address === undefined ? LAZULI_SETTINGS : storedAt(recording, address);
          const settings = parseSettings(JSON.parse(text), task.name);
          expect(settings.deployment).to.equal(stack.name);
          // Who makes users in the domain may read nothing else.
          expect(address === undefined, task.name).to.equal(task.inputs.taskRoleArn === undefined);
          expect([...environment.keys()].filter((name) => /PASSWORD|KEY/.test(name))).to.deep.equal([]);
        }
      }
    });

    it('stop a worker that owns something before the next one starts, and give it a disk of its own', () => {
      const services = recording.of('aws:ecs/service:Service');
      const alone = services.filter(({ inputs }) => inputs.deploymentMaximumPercent === 100);
      expect(alone.map(({ name }) => name)).to.have.members(
        ['ingest', 'transform-hca'].map((role) => `lazuli-${stack.name}-${role}`),
      );
      for (const { inputs } of alone)
        expect(inputs).to.include({ desiredCount: 1, deploymentMinimumHealthyPercent: 0 });
      const disks = services.filter(({ inputs }) => inputs.volumeConfiguration !== undefined);
      const own = ['export', 'transform-hca'].map((role) => `lazuli-${stack.name}-${role}`);
      expect(disks.map(({ name }) => name)).to.deep.equal(own);
      for (const { inputs } of disks)
        expect(at(inputs, 'volumeConfiguration', 'managedEbsVolume', 'encrypted')).to.equal(true);
    });

    it('are deployed only once all their tasks run: the deployment waits for every service', () => {
      for (const { name, inputs } of recording.of('aws:ecs/service:Service')) {
        const { waitForSteadyState, deploymentCircuitBreaker } = inputs;
        const expected = { waitForSteadyState: true, deploymentCircuitBreaker: { enable: true, rollback: true } };
        expect({ waitForSteadyState, deploymentCircuitBreaker }, name).to.deep.equal(expected);
      }
    });

    it('are told of by outputs: the image, and what services run', () => {
      const { image, services } = recording.outputs;
      const run = recording.of('aws:ecs/service:Service').map(({ name, inputs }) => [name, inputs.taskDefinition]);
      const [cluster] = recording.of('aws:ecs/cluster:Cluster');
      expect(image).to.equal(stack.input.image);
      expect(services).to.deep.equal({ cluster: cluster?.name, taskDefinitions: Object.fromEntries(run) });
      expect(new Set(run.map(([, task]) => task))).to.have.property('size', run.length);
    });

    it('have alarms that tell somebody, where alarms are on', () => {
      const [topic] = recording.of('aws:sns/topic:Topic');
      const alarms = recording.of('aws:cloudwatch/metricAlarm:MetricAlarm');
      const names = alarms.map(({ name }) => name.replace(`lazuli-${stack.name}-`, '')).sort();
      const search = ['blocked', 'disk', 'memory', 'red', 'yellow'].map((what) => `search-${what}`);
      const tasks = ['export-down', 'indexer-down', 'ingest-down', 'query-down', 'transform-hca-down'];
      const inside = ['unsearchable', 'paused', 'copies', 'notifications-delivery', 'letters-delivery'];
      const exports = ['disk', 'failed', 'silent', 'waiting'].map((what) => `exports-${what}`);
      const outside = ['query', 'indexer'].flatMap((role) => [`${role}-unhealthy`, `${role}-outside`]);
      const streams = ['5xx', 'batches-age', 'letters', 'notifications-age'];
      const all = [...streams, ...tasks, ...search, ...inside, ...exports, ...outside].sort();
      expect(names).to.deep.equal(stack.name === 'alice2' ? [] : all);
      for (const { inputs } of alarms) {
        expect(inputs.alarmActions).to.deep.equal([topic?.state.arn]);
        expect(inputs.okActions).to.deep.equal([topic?.state.arn]);
      }
      const [subscription] = recording.of('aws:sns/topicSubscription:TopicSubscription');
      expect(subscription?.inputs.endpoint).to.equal(at(stack.input, 'monitoring', 'email'));
    });
  });
}

describe('Two stacks of an account', () => {
  it('have no name in common', async () => {
    const [one, other] = [await record(dev), await record({ ...dev, name: 'dev2' })];
    const taken = new Set(namesIn(one));
    expect(namesIn(other).filter((name) => taken.has(name))).to.deep.equal([]);
  });

  it('have names that AWS takes, however long those of the stacks are', async () => {
    const longestName = 'a'.repeat(16);
    expect(namesIn(await record({ ...dev, name: longestName }))).to.not.be.empty;
  });
});

describe('A stack that shares the domain of another', () => {
  it('makes neither domain nor network, and uses those of the other', async () => {
    const recording = await record(stackFiles[2] ?? dev);
    expect(recording.of('aws:opensearch/domain:Domain')).to.deep.equal([]);
    expect(recording.of('aws:ec2/vpc:Vpc')).to.deep.equal([]);
    for (const { inputs } of recording.of('aws:ecs/service:Service')) {
      expect(at(inputs, 'networkConfiguration', 'subnets')).to.deep.equal(['subnet-private-0', 'subnet-private-1']);
    }
  });
});

describe('The number of shards', () => {
  it('is one change of each stream', async () => {
    const withShards = async (shards: number) =>
      (await record({ ...dev, input: { ...dev.input, streams: { shards } } })).resources;
    const [two, three] = [await withShards(2), await withShards(3)];
    const changed = two.filter((resource) => {
      const same = three.find(({ type, name }) => type === resource.type && name === resource.name);
      return JSON.stringify(same?.inputs) !== JSON.stringify(resource.inputs);
    });
    expect(changed.map(({ name }) => name)).to.have.members(['lazuli-dev-notifications', 'lazuli-dev-batches']);
    expect(changed.map(({ inputs }) => inputs.shardCount)).to.deep.equal([2, 2]);
  });
});
