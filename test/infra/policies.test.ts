import { expect } from 'chai';
import { boundaryArn } from '../../infra/account/boundary.ts';
import { allCopies } from '../../transform/copies/layout.ts';
import { policiesOf, type Statement } from './policies.ts';
import { type Recording, record } from './recording.ts';
import { prod, stackFiles } from './stack-files.ts';

const statementsOf = (recording: Recording, type: string, name: string): readonly Statement[] =>
  recording
    .of(type)
    .filter((resource) => resource.name === name)
    .flatMap(policiesOf);

/** The one action that AWS lets nobody restrict to a resource, and policies of a key, whose resource is that key. */
const unrestricted = ['ecr:GetAuthorizationToken'];

for (const stack of stackFiles) {
  describe(`Policies of the stack ${stack.name}`, () => {
    let recording: Recording;
    before(async () => {
      recording = await record(stack);
    });

    it('allow no action on everything, and no service as a whole', () => {
      const broad = recording.resources
        .filter(({ type }) => type !== 'aws:kms/key:Key')
        .flatMap((resource) => policiesOf(resource).map((statement) => ({ name: resource.name, ...statement })))
        .filter(({ Effect }) => Effect === 'Allow')
        .filter(
          ({ Action, Resource = [] }) =>
            Action.some((action) => /(^|:)\*$/.test(action)) ||
            (Resource.includes('*') && !Action.every((action) => unrestricted.includes(action))),
        );
      expect(broad).to.deep.equal([]);
    });

    it('name no role, bucket, stream or table but those of the stack', () => {
      const arns = recording.resources.map(({ state }) => String(state.arn));
      const outside = recording
        .of('aws:iam/rolePolicy:RolePolicy')
        .flatMap(policiesOf)
        .flatMap(({ Resource }) => Resource)
        .filter(
          (resource) =>
            resource !== '*' &&
            !arns.some((arn) => resource === arn || resource.startsWith(`${arn}/`) || resource === `${arn}:*`),
        );
      const elsewhere =
        stack.name === 'alice2' ? ['search/users/alice2 in', 'key of', ':repository/'] : [':repository/'];
      expect(outside.filter((arn) => !elsewhere.some((part) => arn.includes(part)))).to.deep.equal([]);
    });

    it('let only services of this account take a role', () => {
      for (const role of recording.of('aws:iam/role:Role')) {
        for (const { Principal, Condition } of policiesOf(role)) {
          expect(Principal, role.name).to.have.keys('Service');
          // It is documented for tasks and Firehose; the role for volumes is documented without any condition.
          const operator = role.name.endsWith('-volume') ? 'StringEqualsIfExists' : 'StringEquals';
          expect(Condition, role.name).to.deep.equal({ [operator]: { 'aws:SourceAccount': stack.input.account } });
        }
      }
    });

    it('refuse every bucket without TLS', () => {
      for (const bucket of recording.of('aws:s3/bucket:Bucket')) {
        const [statement] = statementsOf(recording, 'aws:s3/bucketPolicy:BucketPolicy', bucket.name);
        expect(statement).to.deep.equal({
          Effect: 'Deny',
          Action: ['s3:*'],
          Principal: '*',
          Resource: [bucket.state.arn, `${bucket.state.arn}/*`],
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        });
      }
    });

    it('put every role below the boundary of the account', () => {
      const boundaries = recording.of('aws:iam/role:Role').map(({ inputs }) => inputs.permissionsBoundary);
      expect(boundaries).to.not.be.empty;
      expect(new Set(boundaries)).to.deep.equal(new Set([boundaryArn(String(stack.input.account))]));
    });

    it('let a worker do what its code does', () => {
      const actions = (role: string) =>
        statementsOf(recording, 'aws:iam/rolePolicy:RolePolicy', `lazuli-${stack.name}-${role}`)
          .flatMap(({ Action }) => Action)
          .filter((action) => !action.startsWith('kms:') && action !== 's3:GetObjectVersion');
      const reading = ['DescribeStreamSummary', 'GetRecords', 'GetShardIterator', 'ListShards'].map(
        (a) => `kinesis:${a}`,
      );
      const objects = ['s3:GetObject', 's3:ListBucket', 's3:PutObject'];
      const rows = ['dynamodb:GetItem', 'dynamodb:PutItem'];
      const feed = 'firehose:PutRecordBatch';
      const allowed = (role: string) => [...new Set(actions(role))].sort();
      // Nobody who answers requests reads a stream: callers could use up what consumers may read.
      const asking = [...rows, 'dynamodb:Query', 's3:GetObject', 's3:ListBucket'];
      expect(allowed('query')).to.deep.equal(asking);
      const making = ['dynamodb:DeleteItem', 's3:AbortMultipartUpload', 's3:DeleteObject', 's3:PutObject'];
      expect(allowed('export')).to.deep.equal([...asking, ...making].sort());
      const remembering = ['dynamodb:DeleteItem', ...rows, 'dynamodb:Query'];
      expect(allowed('indexer')).to.deep.equal([...remembering, 'kinesis:PutRecords', ...objects]);
      expect(allowed('operator')).to.include('kinesis:PutRecords').and.not.include('kinesis:GetRecords');
      expect(allowed('ingest')).to.deep.equal(
        [...rows, feed, ...reading, 'kinesis:PutRecords', 's3:DeleteObject', ...objects].sort(),
      );
      expect(allowed('transform-hca')).to.deep.equal(
        ['dynamodb:DeleteItem', 'dynamodb:Query', ...rows, feed, ...reading, 's3:DeleteObject', ...objects].sort(),
      );
    });

    it('let every task read its settings, as they were when it was deployed, and no other version of an object', () => {
      const [settings] = recording.of('aws:s3/bucketObjectv2:BucketObjectv2');
      const bucket = recording
        .of('aws:s3/bucket:Bucket')
        .find(({ inputs }) => inputs.bucket === settings?.inputs.bucket);
      const arn = `${bucket?.state.arn}/${settings?.inputs.key}`;
      for (const { name, inputs } of recording.of('aws:ecs/taskDefinition:TaskDefinition')) {
        if (inputs.taskRoleArn === undefined) continue;
        const versions = statementsOf(recording, 'aws:iam/rolePolicy:RolePolicy', name).filter(({ Action }) =>
          Action.includes('s3:GetObjectVersion'),
        );
        const expected = [{ Effect: 'Allow', Action: ['s3:GetObjectVersion'], Resource: [arn] }];
        expect(versions, name).to.deep.equal(expected);
      }
    });

    /** Patterns of the objects that a role may delete, after the names of their buckets. */
    const deletable = (role: string) =>
      statementsOf(recording, 'aws:iam/rolePolicy:RolePolicy', `lazuli-${stack.name}-${role}`)
        .filter(({ Action }) => Action.includes('s3:DeleteObject'))
        .flatMap(({ Resource }) => Resource)
        .map((resource) => resource.replace(/^arn:aws:s3:::/, ''))
        .sort();

    it('let ingest delete dead letters, as it redrives them, and nothing else', () => {
      expect(deletable('ingest')).to.deep.equal([`lazuli-${stack.name}-letters/*`]);
    });

    it('let export workers delete results and claims on snapshots, and nothing else', () => {
      const deleted = ['*/snapshots/claims/*', '_exports/results/*'].map(
        (key) => `lazuli-${stack.name}-staging/${key}`,
      );
      expect(deletable('export')).to.deep.equal(deleted);
      expect(deletable('query')).to.deep.equal([]);
    });

    it('let transform delete dead letters, records of runs, and batches that were replaced and copies of its store, and nothing else', () => {
      const bucket = `lazuli-${stack.name}`;
      const staged = ['*.parquet', '*/manifests/*', '*/removals/*', '*/runs/*', '*/snapshots/*'].map(
        (key) => `${bucket}-staging/${key}`,
      );
      const copies = `${bucket}-staging/${allCopies}*`;
      expect(deletable('transform-hca')).to.deep.equal([`${bucket}-letters/*`, ...staged, copies]);
    });
  });
}

describe('The permissions boundary', () => {
  it('is another one where the stack names it', async () => {
    const permissionsBoundary = 'arn:aws:iam::444455556666:policy/of-the-organization';
    const roles = (await record({ name: 'prod', input: { ...prod.input, permissionsBoundary } })).of(
      'aws:iam/role:Role',
    );
    expect(new Set(roles.map(({ inputs }) => inputs.permissionsBoundary))).to.deep.equal(
      new Set([permissionsBoundary]),
    );
  });
});
