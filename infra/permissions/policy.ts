import * as pulumi from '@pulumi/pulumi';

/** A statement of an IAM policy as AWS reads it. Resources may be known only while deploying. */
export interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: readonly string[];
  readonly Resource?: pulumi.Input<pulumi.Input<string>[]>;
  readonly Principal?: '*' | Readonly<Record<string, pulumi.Input<string>>>;
  readonly Condition?: Readonly<
    Record<string, Readonly<Record<string, pulumi.Input<string> | pulumi.Input<string>[]>>>
  >;
}

/** Lets actions be done to resources. */
export function allow(
  actions: readonly string[],
  resources: readonly pulumi.Input<string>[],
  condition?: Statement['Condition'],
): Statement {
  const statement: Statement = { Effect: 'Allow', Action: actions, Resource: [...resources] };
  return condition === undefined ? statement : { ...statement, Condition: condition };
}

/** The JSON of a policy. */
export function policy(statements: readonly Statement[]): pulumi.Output<string> {
  return pulumi.jsonStringify({ Version: '2012-10-17', Statement: [...statements] });
}

/** Who may take a role. @param condition against a service that is talked into using it for somebody else */
export function trust(service: string, condition?: Statement['Condition']): pulumi.Output<string> {
  const statement: Statement = { Effect: 'Allow', Action: ['sts:AssumeRole'], Principal: { Service: service } };
  return policy([condition === undefined ? statement : { ...statement, Condition: condition }]);
}

/** Nobody may reach a bucket without TLS. */
export const refusePlain = (bucket: pulumi.Input<string>): Statement => ({
  Effect: 'Deny',
  Action: ['s3:*'],
  Principal: '*',
  Resource: [bucket, pulumi.interpolate`${bucket}/*`],
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
});
