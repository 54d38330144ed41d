import { expect } from 'chai';
import { at, type Inputs } from './made.ts';
import { type Recording, record } from './recording.ts';
import { dev, personal } from './stack-files.ts';

const owner = { ...dev, input: { ...dev.input, search: { ...(dev.input.search as object), tenants: ['alice2'] } } };

interface Container {
  readonly command: readonly string[];
  readonly secrets: readonly { readonly name: string; readonly valueFrom: string }[];
}

const containerOf = (recording: Recording, name: string): Container => {
  const task = recording.of('aws:ecs/taskDefinition:TaskDefinition').find((one) => one.name === name);
  return JSON.parse(String(task?.inputs.containerDefinitions))[0];
};

/** Names of roles whose own policy mentions a text. */
const rolesThat = (recording: Recording, text: string): readonly string[] =>
  recording
    .of('aws:iam/rolePolicy:RolePolicy')
    .filter(({ inputs }) => String(inputs.policy).includes(text))
    .map(({ name }) => name);

describe('A search domain that stacks share', () => {
  let own: Recording;
  let shared: Recording;
  before(async () => {
    own = await record(owner);
    shared = await record(personal);
  });

  it("has a master's password that only the owner's bootstrap gets", () => {
    const master = (recording: Recording) => rolesThat(recording, 'search/master');
    expect(master(own)).to.deep.equal(['lazuli-dev-bootstrap-execution']);
    expect(master(shared)).to.deep.equal([]);
    expect(JSON.stringify(shared.resources)).to.not.include('master');
    expect(JSON.stringify(own.outputs)).to.not.include('master');
  });

  it('gives each tenant passwords of its own, which no role of the owner reads but that of the bootstrap', () => {
    expect((own.outputs.shared as { users: Inputs }).users).to.have.keys('alice2');
    expect(rolesThat(own, 'search/users/alice2')).to.deep.equal(['lazuli-dev-bootstrap-execution']);
    expect(rolesThat(shared, 'search/users/alice2')).to.deep.equal(['lazuli-alice2-execution']);
  });

  it('is made ready by its owner, for the owner and all tenants', () => {
    const { command, secrets } = containerOf(own, 'lazuli-dev-bootstrap');
    expect(command).to.deep.equal(['bootstrap', '--remove-others', '--tenant', 'alice2']);
    const names = ['OPENSEARCH', 'WRITER', 'READER', 'ALICE2_WRITER', 'ALICE2_READER'];
    expect(secrets.map(({ name }) => name)).to.deep.equal(names.map((name) => `LAZULI_${name}_PASSWORD`));
    const errands = (recording: Recording) => Object.keys(recording.outputs.errands as object);
    expect(errands(own)).to.include('bootstrap');
    expect(errands(shared)).to.not.include('bootstrap');
  });

  it('refuses a stack that its owner does not list', async () => {
    const failure = await record({ ...personal, name: 'bob' }).catch((error: Error) => error.message);
    expect(failure).to.include("the stack organization/lazuli/dev has no users for 'bob' in its domain");
    expect(failure).to.include("Add 'bob' to search.tenants");
  });
});

describe('Export workers', () => {
  let recording: Recording;
  before(async () => {
    recording = await record(dev);
  });

  it('do not get the key of exports, which is given to the service and to nobody else', () => {
    const tasks = recording.of('aws:ecs/taskDefinition:TaskDefinition').map(({ name }) => name);
    const given = tasks.filter((name) => JSON.stringify(containerOf(recording, name)).includes('export-key'));
    expect(given).to.deep.equal(['lazuli-dev-query']);
    expect(rolesThat(recording, 'export-key')).to.deep.equal(['lazuli-dev-execution']);
    expect(JSON.stringify(recording.outputs)).to.not.include('export-key');
  });

  it('reach services of AWS alone, unless the stack says otherwise or the image is elsewhere', async () => {
    const rulesOf = (made: Recording, rule: 'IngressRule' | 'EgressRule') => {
      const group = `SecurityGroup-id:lazuli-${made.name}-exporters`;
      const service = made.of('aws:ecs/service:Service').find(({ name }) => name.endsWith('-export'));
      expect(at(service?.inputs, 'networkConfiguration', 'securityGroups')).to.deep.equal([group]);
      return made
        .of(`aws:vpc/securityGroup${rule}:SecurityGroup${rule}`)
        .filter(({ inputs }) => inputs.securityGroupId === group)
        .map(({ inputs: { fromPort, cidrIpv4, prefixListId, referencedSecurityGroupId } }) => [
          fromPort,
          cidrIpv4 ?? prefixListId ?? referencedSecurityGroupId,
        ]);
    };
    const endpoints = ['SecurityGroup-id:lazuli-dev-endpoints', 'pl-lazuli-dev-s3', 'pl-lazuli-dev-dynamodb'];
    const aws = endpoints.map((peer) => [443, peer]);
    expect(rulesOf(recording, 'EgressRule')).to.deep.equal(aws);
    expect(rulesOf(recording, 'IngressRule')).to.deep.equal([[8005, 'SecurityGroup-id:lazuli-dev-workers']]);
    const open = { roles: { export: { web: true } } };
    const elsewhere = { image: `ghcr.io/example/lazuli@sha256:${'0'.repeat(64)}` };
    for (const change of [open, elsewhere]) {
      const made = await record({ ...dev, input: { ...dev.input, ...change } });
      expect(rulesOf(made, 'EgressRule')).to.have.deep.members([...aws, [443, '0.0.0.0/0']]);
    }
    const shared = ['sg-endpoints', 'pl-s3', 'pl-dynamodb'].map((peer) => [443, peer]);
    expect(rulesOf(await record(personal), 'EgressRule')).to.deep.equal(shared);
  });
});

describe('Names of secrets', () => {
  it('are free once a stack is gone whose data may be destroyed', async () => {
    const days = async (stack: typeof dev) =>
      new Set(
        (await record(stack)).of('aws:secretsmanager/secret:Secret').map(({ inputs }) => inputs.recoveryWindowInDays),
      );
    expect(await days(personal)).to.deep.equal(new Set([0]));
    expect(await days({ ...dev, input: { ...dev.input, protect: false } })).to.deep.equal(new Set([0]));
    expect(await days(dev)).to.deep.equal(new Set([7]));
  });
});

describe('Security groups', () => {
  it('let tasks reach each other at every port that a process listens on, that of the metrics too', async () => {
    const recording = await record(dev);
    for (const rule of ['IngressRule', 'EgressRule']) {
      const type = `aws:vpc/securityGroup${rule}:SecurityGroup${rule}`;
      const self = recording
        .of(type)
        .filter(({ inputs }) => inputs.securityGroupId === inputs.referencedSecurityGroupId);
      expect(self.map(({ inputs: { fromPort, toPort } }) => [fromPort, toPort])).to.deep.equal([[8000, 8004]]);
    }
  });
});

describe('Keys of accounts for the Terra Data Repository', () => {
  it('go to who asks it, and to nobody else; tables have a disk', async () => {
    const secret = (what: string) => `arn:aws:secretsmanager:us-east-1:111122223333:secret:lazuli/dev/${what}-a1b2c3`;
    const terra = { indexer: secret('indexer'), public: secret('public') };
    const roles = { ...(dev.input.roles as object), ingest: { volumeGiB: 200 } };
    const recording = await record({ ...dev, input: { ...dev.input, terra, roles } });
    const tasks = recording.of('aws:ecs/taskDefinition:TaskDefinition').map(({ name }) => name);
    const given = tasks.filter((name) => JSON.stringify(containerOf(recording, name)).includes(terra.indexer));
    expect(given.sort()).to.deep.equal(['lazuli-dev-ingest', 'lazuli-dev-operator', 'lazuli-dev-query']);
    expect(containerOf(recording, 'lazuli-dev-query').secrets.slice(-2)).to.deep.equal([
      { name: 'LAZULI_TDR_INDEXER_KEY', valueFrom: terra.indexer },
      { name: 'LAZULI_TDR_PUBLIC_KEY', valueFrom: terra.public },
    ]);
    expect(rolesThat(recording, terra.indexer)).to.deep.equal(['lazuli-dev-execution']);
    const service = recording.of('aws:ecs/service:Service').find(({ name }) => name === 'lazuli-dev-ingest');
    expect(JSON.stringify(service?.inputs)).to.match(/"sizeInGb":200/);
  });
});
