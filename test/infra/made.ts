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
  'aws:route53/record:Record': (_name, { name }) => ({ fqdn: name }),
  'aws:lb/loadBalancer:LoadBalancer': (name) => ({
    dnsName: `${name}.elb.example.com`,
    zoneId: 'ZELB',
    arnSuffix: `app/${name}/1`,
  }),
  'aws:lb/targetGroup:TargetGroup': (name) => ({ arnSuffix: `targetgroup/${name}/1` }),
  'aws:opensearch/domain:Domain': (name) => ({ endpoint: `vpc-${name}.es.example.com` }),
  'random:index/randomPassword:RandomPassword': (name) => ({ result: `password of ${name}` }),
  'random:index/randomId:RandomId': (name) => ({ hex: `id of ${name}` }),
  'pulumi:pulumi:StackReference': (name) => ({
    outputs: {
      shared: {
        vpcId: 'vpc-of-dev',
        publicSubnetIds: ['subnet-public-0', 'subnet-public-1'],
        privateSubnetIds: ['subnet-private-0', 'subnet-private-1'],
        endpoint: 'https://vpc-lazuli-dev.es.example.com',
        domain: 'lazuli-dev',
        users: { alice2: `arn:aws:secretsmanager:us-east-1:111122223333:secret:users of alice2 in ${name}` },
        usersKey: `arn:aws:kms:us-east-1:111122223333:key/key of ${name}`,
      },
    },
    secretOutputNames: [],
  }),
};

/** The state of a resource that was just made: ids and ARNs are different for each. */
export function stateOf(type: string, name: string, inputs: Inputs): Inputs {
  const [, service = '', kind = ''] = /^\w+:(\w+)\/\w+:(\w+)$/.exec(type) ?? [];
  return {
    id: `${kind}-id:${name}`,
    name,
    arn: `arn:aws:${service}:us-east-1:123456789012:${kind}/${name}`,
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
