import { expect } from 'chai';
import { memoryWith, ordinaryCapabilities } from '../../infra/fargate.ts';
import type { Inputs } from './made.ts';
import { type Recorded, type Recording, record } from './recording.ts';
import { building, dev, stackFiles, together } from './stack-files.ts';

/** What AWS would refuse of a stack, and a mock takes. Figures are those of AWS's documentation of each service. */

interface Container {
  readonly name: string;
  readonly user: string;
  readonly essential: boolean;
  readonly privileged?: boolean;
  readonly linuxParameters: Inputs & {
    readonly capabilities: { readonly add?: readonly string[]; readonly drop: readonly string[] };
  };
  readonly dependsOn?: readonly { readonly containerName: string; readonly condition: string }[];
  readonly mountPoints?: readonly { readonly sourceVolume: string }[];
  readonly stopTimeout?: number;
  readonly healthCheck?: Readonly<Record<'interval' | 'timeout' | 'retries' | 'startPeriod', number>>;
  readonly secrets?: readonly { readonly name: string; readonly valueFrom: string }[];
  readonly environment?: readonly { readonly name: string }[];
}

const containersOf = ({ inputs }: Recorded): readonly Container[] => JSON.parse(String(inputs.containerDefinitions));

const bytes = (value: unknown): number => Buffer.byteLength(typeof value === 'string' ? value : JSON.stringify(value));

/** Of a container that Fargate runs. */
const notOnFargate = ['devices', 'sharedMemorySize', 'tmpfs', 'maxSwap', 'swappiness'];

/** Dimensions by which AWS keeps the metrics of a namespace: with any others an alarm finds nothing. */
const dimensions: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'AWS/ApplicationELB': [['LoadBalancer'], ['LoadBalancer', 'TargetGroup']],
  'AWS/ES': [['ClientId', 'DomainName']],
  'AWS/Firehose': [['DeliveryStreamName']],
  'AWS/DynamoDB': [['TableName']],
  'AWS/Kinesis': [['StreamName'], ['ConsumerName', 'StreamName']],
  'AWS/Route53': [['HealthCheckId']],
  'ECS/ContainerInsights': [['ClusterName', 'ServiceName']],
};

const policyMembers = ['policy', 'assumeRolePolicy', 'policyDocument', 'accessPolicies'];

/** Most bytes of a policy by the type of what has it; those of a role's own policies together. */
const policyBytes: Readonly<Record<string, number>> = {
  'aws:iam/role:Role': 2048,
  'aws:iam/policy:Policy': 6144,
  'aws:iam/rolePolicy:RolePolicy': 10_240,
  'aws:kms/key:Key': 32_768,
  'aws:s3/bucketPolicy:BucketPolicy': 20_480,
  'aws:cloudwatch/logResourcePolicy:LogResourcePolicy': 5120,
  'aws:opensearch/domain:Domain': 102_400,
};

const longest = { ...dev, name: `d${'e'.repeat(15)}` };

for (const stack of [...stackFiles, longest, together, building]) {
  describe(`What AWS would say of the stack ${stack.name}`, () => {
    let recording: Recording;
    let tasks: readonly Recorded[];
    before(async () => {
      recording = await record(stack);
      tasks = recording.of('aws:ecs/taskDefinition:TaskDefinition');
    });

    it('Fargate takes the capabilities of every container', () => {
      for (const task of tasks) {
        for (const { name, user, privileged, linuxParameters } of containersOf(task)) {
          const { capabilities, ...others } = linuxParameters;
          expect(capabilities.add ?? [], `${task.name} ${name}`).to.deep.equal([]);
          expect(privileged, name).to.equal(undefined);
          expect(Object.keys(others).filter((member) => notOnFargate.includes(member))).to.deep.equal([]);
          const dropped = user === '0:0' ? ordinaryCapabilities.filter((one) => one !== 'CHOWN') : ['ALL'];
          expect(capabilities.drop, name).to.deep.equal(dropped);
        }
      }
    });

    it('Fargate takes the sizes of every task, and how it starts and stops', () => {
      for (const task of tasks) {
        const { cpu, memory, ephemeralStorage } = task.inputs;
        expect(memoryWith(Number(cpu) as 256), task.name).to.include(Number(memory));
        expect(ephemeralStorage).to.equal(undefined);
        for (const { stopTimeout = 30, healthCheck } of containersOf(task)) {
          expect(stopTimeout).to.be.within(2, 120);
          if (healthCheck === undefined) continue;
          expect(healthCheck.interval).to.be.within(5, 300);
          expect(healthCheck.timeout).to.be.within(2, 60);
          expect(healthCheck.retries).to.be.within(1, 10);
          expect(healthCheck.startPeriod).to.be.within(0, 300);
        }
      }
    });

    it('ECS takes every task definition: its volumes, its order, its length', () => {
      for (const task of tasks) {
        const containers = containersOf(task);
        const volumes = ((task.inputs.volumes as { name: string }[] | undefined) ?? []).map(({ name }) => name);
        for (const { mountPoints = [], dependsOn = [] } of containers) {
          expect(volumes, task.name).to.include.members(mountPoints.map(({ sourceVolume }) => sourceVolume));
          for (const { containerName, condition } of dependsOn) {
            const first = containers.find(({ name }) => name === containerName);
            // What may end can't be essential.
            expect({ condition, essential: first?.essential }).to.deep.equal({
              condition: 'SUCCESS',
              essential: false,
            });
          }
        }
        for (const { environment = [], secrets = [] } of containers) {
          const names = [...environment, ...secrets].map(({ name }) => name);
          expect(names).to.have.length(new Set(names).size);
        }
        expect(bytes(task.inputs), task.name).to.be.below(64 * 1024);
      }
      for (const { inputs } of recording.of('aws:ecs/service:Service')) {
        const { volumeConfiguration, taskDefinition } = inputs as {
          volumeConfiguration?: Inputs;
          taskDefinition: string;
        };
        const task = tasks.find(({ state }) => state.arn === taskDefinition);
        const atLaunch = ((task?.inputs.volumes ?? []) as { name: string }[]).map(({ name }) => name);
        expect(atLaunch).to.deep.equal(volumeConfiguration === undefined ? [] : [volumeConfiguration.name]);
      }
    });

    it('EC2 takes the descriptions of security groups; none has rules inside it beside rules of their own', () => {
      for (const { name, inputs } of recording.of('aws:ec2/securityGroup:SecurityGroup')) {
        expect(String(inputs.description), name).to.match(/^[a-zA-Z0-9. _:/()#,@[\]+=&;{}!$*-]{1,255}$/);
        expect([inputs.ingress, inputs.egress], name).to.deep.equal([undefined, undefined]);
      }
      expect(recording.of('aws:ec2/securityGroupRule:SecurityGroupRule')).to.deep.equal([]);
    });

    it('names of secrets are none that Secrets Manager confuses with parts of an ARN', () => {
      const names = recording.of('aws:secretsmanager/secret:Secret').map(({ inputs }) => String(inputs.name));
      expect(names).to.not.be.empty;
      expect(names.filter((name) => !/^[\w/+=.@-]{1,512}$/.test(name) || /-.{6}$/.test(name))).to.deep.equal([]);
    });

    it('policies are short enough', () => {
      for (const [type, most] of Object.entries(policyBytes)) {
        for (const { name, inputs } of recording.of(type)) {
          for (const member of policyMembers)
            expect(bytes(inputs[member] ?? ''), `${type} ${name}`).to.be.at.most(most);
        }
      }
    });

    it('alarms look where AWS keeps the metrics, and are decided within a day', () => {
      for (const { name, inputs } of recording.of('aws:cloudwatch/metricAlarm:MetricAlarm')) {
        const queries = inputs.metricQueries as readonly { readonly metric?: Inputs }[] | undefined;
        const metrics = queries?.flatMap(({ metric }) => (metric === undefined ? [] : [metric])) ?? [inputs];
        for (const metric of metrics) {
          const names = Object.keys((metric.dimensions as Inputs | undefined) ?? {}).sort();
          const known = dimensions[String(metric.namespace)] ?? [[]];
          expect(known.map(String), `${name} ${String(metric.namespace)}`).to.include(String(names));
          const period = Number(metric.period);
          expect(period % 60, name).to.equal(0);
          expect(period * Number(inputs.evaluationPeriods), name).to.be.at.most(86_400);
        }
      }
    });

    it('whatever is in a subnet is made once the subnet has its way out', () => {
      const [gateway] = recording.of('aws:ec2/internetGateway:InternetGateway');
      for (const type of ['aws:ec2/eip:Eip', 'aws:ec2/natGateway:NatGateway']) {
        for (const { name, dependsOn } of recording.of(type)) expect(dependsOn, name).to.include(gateway?.name);
      }
    });
  });
}
