/** Values of a resource by name. */
export type Inputs = Readonly<Record<string, unknown>>;

/** Member of nested inputs. */
export function at(inputs: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (value, member) => (value as Record<string | number, unknown> | undefined)?.[member],
    inputs,
  );
}

/** What AWS would say of a resource, beside what it was asked for, as far as the program reads it. */
const additions: Readonly<Record<string, (name: string, inputs: Inputs) => Inputs>> = {
  'aws:acm/certificate:Certificate': (_name, { domainName, subjectAlternativeNames }) => ({
    domainValidationOptions: [...(subjectAlternativeNames as string[]), domainName].map((host) => ({
      domainName: host,
      resourceRecordName: `_check.${host}`,
      resourceRecordType: 'CNAME',
      resourceRecordValue: `_answer.${host}`,
    })),
  }),
  'aws:s3/bucketObjectv2:BucketObjectv2': (name) => ({ versionId: `version-of-${name}` }),
  'aws:ec2/vpcEndpoint:VpcEndpoint': (name) => ({ prefixListId: `pl-${name}` }),
  'aws:route53/record:Record': (_name, { name }) => ({ fqdn: name }),
  'aws:lb/loadBalancer:LoadBalancer': (name) => ({
    dnsName: `${name}.elb.example.com`,
    zoneId: 'ZELB',
    arnSuffix: `app/${name}/1`,
  }),
  'aws:lb/targetGroup:TargetGroup': (name) => ({ arnSuffix: `targetgroup/${name}/1` }),
  'aws:opensearch/domain:Domain': (name) => ({ endpoint: `vpc-${name}.es.example.com` }),
  'aws:secretsmanager/secretVersion:SecretVersion': (name) => ({ versionId: `version-of-${name}` }),
  'random:index/randomPassword:RandomPassword': (name) => ({ result: `password of ${name}` }),
  'random:index/randomId:RandomId': (name) => ({ hex: `id of ${name}` }),
  'pulumi:pulumi:StackReference': (name) => ({
    outputs: {
      shared: {
        vpcId: 'vpc-of-dev',
        publicSubnetIds: ['subnet-public-0', 'subnet-public-1'],
        privateSubnetIds: ['subnet-private-0', 'subnet-private-1'],
        endpoints: { group: 'sg-endpoints', s3: 'pl-s3', dynamodb: 'pl-dynamodb' },
        endpoint: 'https://vpc-lazuli-dev.es.example.com',
        domain: 'lazuli-dev',
        users: {
          alice2: `arn:aws:secretsmanager:us-east-1:111122223333:secret:lazuli/dev/search/users/alice2 in ${name}`,
        },
        usersKey: `arn:aws:kms:us-east-1:111122223333:key/key of ${name}`,
      },
    },
    secretOutputNames: [],
  }),
};

/** The account in which mocks make everything. */
export const madeIn = '123456789012';

const arn = (service: string, resource: string): string => `arn:aws:${service}:us-east-1:${madeIn}:${resource}`;

/** ARNs as AWS has them, of what policies name. */
const arns: Readonly<Record<string, (name: string, inputs: Inputs) => string>> = {
  'aws:cloudwatch/logGroup:LogGroup': (_name, inputs) => arn('logs', `log-group:${inputs.name}`),
  'aws:dynamodb/table:Table': (name) => arn('dynamodb', `table/${name}`),
  'aws:iam/policy:Policy': (name) => `arn:aws:iam::${madeIn}:policy/${name}`,
  'aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream': (name) => arn('firehose', `deliverystream/${name}`),
  'aws:kinesis/stream:Stream': (name) => arn('kinesis', `stream/${name}`),
  'aws:kms/key:Key': (name) => arn('kms', `key/${name}`),
  'aws:s3/bucket:Bucket': (name) => `arn:aws:s3:::${name}`,
  'aws:secretsmanager/secret:Secret': (_name, inputs) => arn('secretsmanager', `secret:${inputs.name}`),
  // The id of a secret is made of its logical name, which has hyphens where the name has slashes.
  'aws:secretsmanager/secretVersion:SecretVersion': (name) => arn('secretsmanager', `secret:${secretOf(name)}`),
};

const secretOf = (name: string): string => {
  const [, stack = '', what = ''] = /^lazuli-([^-]+)-(.+)$/.exec(name) ?? [];
  return `lazuli/${stack}/${what.replace(/^search-(users-)?/, (begin) => begin.replaceAll('-', '/'))}`;
};

/** The state of a resource that was just made: ids and ARNs are different for each. */
export function stateOf(type: string, name: string, inputs: Inputs): Inputs {
  const [, service = '', kind = ''] = /^\w+:(\w+)\/\w+:(\w+)$/.exec(type) ?? [];
  return {
    id: `${kind}-id:${name}`,
    name,
    arn: arns[type]?.(name, inputs) ?? arn(service, `${kind}/${name}`),
    ...inputs,
    ...additions[type]?.(name, inputs),
  };
}

/** What AWS would answer to a question of the program. */
export function answerOf(token: string, asked: Inputs): Inputs {
  return token === 'aws:index/getAvailabilityZones:getAvailabilityZones'
    ? { names: ['us-east-1a', 'us-east-1b', 'us-east-1c'] }
    : asked;
}
