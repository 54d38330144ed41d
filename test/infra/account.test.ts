import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { clone } from '../../cli/clone.ts';
import { prepareAccount } from '../../infra/account/account.ts';
import { covers } from './iam.ts';
import { madeIn } from './made.ts';
import { policiesOf, type Statement } from './policies.ts';
import { type Recording, record } from './recording.ts';
import { building, type StackFile, stackFiles, together } from './stack-files.ts';

const fileOf = (name: string): StackFile => {
  const text = readFileSync(join(clone, `infra/account/Pulumi.${name}.yaml`), 'utf8');
  return { name, input: parse(text).config['lazuli-account:account'] };
};
const program = (_name: string, input: unknown) => prepareAccount(input);
const inputOf = (name: string) => ({ ...fileOf(name).input, account: madeIn });

const policyOf = (recording: Recording, type: string, name: string): readonly Statement[] =>
  recording
    .of(type)
    .filter((one) => one.name === name)
    .flatMap(policiesOf);

/** Whether a boundary allows all that a statement allows, on conditions that the statement has or that always hold here. */
const isWithin = (boundary: readonly Statement[], { Action, Resource, Condition }: Statement): boolean =>
  Action.every((action) =>
    Resource.every((resource) =>
      boundary
        .filter((one) => one.Action.some((pattern) => covers(pattern, action)))
        .filter((one) => one.Resource.some((pattern) => covers(pattern, resource)))
        .some((one) => holds(one.Condition ?? {}, Condition ?? {})),
    ),
  );

const ownAccount = { StringEquals: { 'aws:ResourceAccount': madeIn } };
const holds = (wanted: object, has: object): boolean =>
  [{}, ownAccount, has].some((one) => JSON.stringify(one) === JSON.stringify(wanted));

/** As AWS documents `AmazonECSInfrastructureRolePolicyForVolumes`, without its conditions. */
const [volumes, instances] = ['arn:aws:ec2:*:*:volume/*', 'arn:aws:ec2:*:*:instance/*'];
const volumePolicy: readonly Statement[] = [
  { Effect: 'Allow', Action: ['ec2:CreateVolume'], Resource: [volumes, 'arn:aws:ec2:*:*:snapshot/*'] },
  { Effect: 'Allow', Action: ['ec2:CreateTags', 'ec2:DeleteVolume'], Resource: [volumes] },
  { Effect: 'Allow', Action: ['ec2:AttachVolume', 'ec2:DetachVolume'], Resource: [volumes, instances] },
  { Effect: 'Allow', Action: ['ec2:DescribeVolumes', 'ec2:DescribeAvailabilityZones'], Resource: ['*'] },
];

/** What IAM calls the services of the types of resources that it calls otherwise. */
const serviceNames: Readonly<Record<string, readonly string[]>> = {
  appautoscaling: ['application-autoscaling'],
  cloudwatch: ['cloudwatch', 'logs'],
  kinesis: ['kinesis', 'firehose'],
  lb: ['elasticloadbalancing'],
  opensearch: ['es'],
  vpc: ['ec2'],
};

describe('What the stacks of an account have in common', () => {
  let dev: Recording;
  let boundary: readonly Statement[];
  before(async () => {
    dev = await record({ name: 'dev', input: inputOf('dev') }, program);
    boundary = policyOf(dev, 'aws:iam/policy:Policy', 'lazuli-boundary');
  });

  it('is accepted as it is in the repository, for accounts of stacks that are there', async () => {
    for (const name of ['dev', 'prod']) {
      const { input } = fileOf(name);
      expect((await record({ name, input }, program)).outputs).to.have.keys('boundary', 'roles');
      expect(input.account).to.equal(stackFiles.find((stack) => stack.name === name)?.input.account);
    }
  });

  it('refuses a wrong configuration, with the member', async () => {
    const input = { ...inputOf('dev'), repository: 'lazuli', more: 1 };
    const failure = await record({ name: 'dev', input }, program).catch((error: Error) => error.message);
    expect(failure).to.include('repository').and.include('<owner>/<repository>').and.include('"more"');
  });

  it('has a boundary that allows whatever roles of stacks are granted', async () => {
    for (const stack of [...stackFiles, together, building]) {
      const recording = await record(stack);
      const granted = recording.of('aws:iam/rolePolicy:RolePolicy').flatMap((one) => {
        const policy = String(one.inputs.policy).replaceAll(String(stack.input.account), madeIn);
        return policiesOf({ ...one, inputs: { policy } }).map((statement) => ({ role: one.name, ...statement }));
      });
      expect(granted).to.not.be.empty;
      expect(granted.filter((statement) => !isWithin(boundary, statement))).to.deep.equal([]);
      const attached = recording.of('aws:iam/rolePolicyAttachment:RolePolicyAttachment').map(({ inputs }) => inputs);
      const managed = 'arn:aws:iam::aws:policy/service-role/AmazonECSInfrastructureRolePolicyForVolumes';
      expect(new Set(attached.map(({ policyArn }) => policyArn))).to.deep.equal(new Set([managed]));
    }
    expect(volumePolicy.filter((statement) => !isWithin(boundary, statement))).to.deep.equal([]);
  });

  it('has a boundary that allows nothing else: no IAM, no whole service, nothing that is not called after Lazuli', () => {
    const actions = boundary.flatMap(({ Action }) => Action);
    expect(actions.filter((action) => /\*|^iam:|^sts:/.test(action))).to.deep.equal([]);
    const other = { Effect: 'Allow', Action: ['s3:GetObject'], Resource: ['arn:aws:s3:::payroll/x'] };
    expect(isWithin(boundary, other)).to.equal(false);
    expect(isWithin(boundary, { ...other, Action: ['s3:DeleteBucket'], Resource: ['arn:aws:s3:::lazuli-x'] })).to.equal(
      false,
    );
    const named = boundary
      .flatMap(({ Resource }) => Resource)
      .filter((one) => /:(s3|kinesis|firehose|dynamodb|secretsmanager|logs):/.test(one));
    expect(named.filter((one) => !one.includes('lazuli'))).to.deep.equal([]);
  });

  it('lets the pipeline of one repository alone take a role, from jobs of its environment', () => {
    const roles = dev.of('aws:iam/role:Role');
    expect(roles.map(({ name }) => name)).to.deep.equal(['pipeline-lazuli-dev', 'pipeline-lazuli-dev-preview']);
    for (const role of roles) {
      const environment = role.name.replace('pipeline-lazuli-', '');
      const issuer = 'token.actions.githubusercontent.com';
      expect(policiesOf(role)).to.deep.equal([
        {
          Effect: 'Allow',
          Action: ['sts:AssumeRoleWithWebIdentity'],
          Principal: { Federated: `arn:aws:iam::${madeIn}:oidc-provider/${issuer}` },
          Condition: {
            StringEquals: {
              [`${issuer}:aud`]: 'sts.amazonaws.com',
              [`${issuer}:sub`]: `repo:example/lazuli:environment:${environment}`,
            },
          },
        },
      ]);
    }
    const [provider] = dev.of('aws:iam/openIdConnectProvider:OpenIdConnectProvider');
    expect(provider?.inputs).to.deep.include({ url: 'https://token.actions.githubusercontent.com' });
  });

  it('lets previews read alone, and no data of stacks', () => {
    const statements = policyOf(dev, 'aws:iam/rolePolicy:RolePolicy', 'pipeline-lazuli-dev-preview');
    const actions = statements.flatMap(({ Action }) => Action);
    expect(actions.filter((action) => !/:(Get|List|Describe)[A-Za-z]*$|^kms:Decrypt$/.test(action))).to.deep.equal([]);
    const objects = statements
      .filter(({ Action }) => Action.includes('s3:GetObject'))
      .flatMap(({ Resource }) => Resource);
    expect(objects).to.deep.equal(['arn:aws:s3:::lazuli-state-111122223333/*']);
  });

  it('lets deployments make all that stacks are made of, and roles within the boundary alone', async () => {
    const statements = policyOf(dev, 'aws:iam/rolePolicy:RolePolicy', 'pipeline-lazuli-dev');
    const allowed = statements.filter(({ Effect }) => Effect === 'Allow');
    const actions = allowed.flatMap(({ Action }) => Action);
    for (const stack of stackFiles) {
      const { resources } = await record(stack);
      const kinds = resources
        .flatMap(({ type }) => /^aws:(\w+)\//.exec(type)?.[1] ?? [])
        .filter((kind) => kind !== 'iam');
      const services = kinds.flatMap((kind) => serviceNames[kind] ?? [kind]);
      expect(actions).to.include.members(services.map((service) => `${service}:*`));
    }
    const changing = allowed.filter(({ Action }) => Action.some((action) => /^iam:(?!Get|List)/.test(action)));
    for (const { Resource } of changing) expect(Resource).to.deep.equal([`arn:aws:iam::${madeIn}:role/lazuli-*`]);
    const bounded = { StringEquals: { 'iam:PermissionsBoundary': `arn:aws:iam::${madeIn}:policy/lazuli-boundary` } };
    const granting = changing.filter(({ Action }) => Action.some((one) => /:(Create|Put|Attach)/.test(one)));
    expect(granting.map(({ Condition }) => Condition)).to.deep.equal([bounded]);
    expect(actions).to.not.include.members(['iam:DeleteRolePermissionsBoundary']);
    expect(actions.filter((action) => /^iam:(\*|.*(Policy)?(Version|User|Provider))$/.test(action))).to.deep.equal([]);
  });

  it('has policies that AWS takes: a boundary of 6,144 characters, 10,240 of a role', () => {
    const bytes = (type: string) => dev.of(type).map(({ inputs }) => String(inputs.policy).length);
    expect(Math.max(...bytes('aws:iam/policy:Policy'))).to.be.at.most(6144);
    expect(Math.max(...bytes('aws:iam/rolePolicy:RolePolicy'))).to.be.at.most(10_240);
  });
});
