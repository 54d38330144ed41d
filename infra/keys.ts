import * as kms from '@pulumi/aws/kms/index.js';
import type * as pulumi from '@pulumi/pulumi';
import { Concern, type Setting } from './component.ts';
import { policy, type Statement } from './permissions/policy.ts';

/** Waiting time before a key that was destroyed is gone for good. */
const deletionDays = 30;

/** The key that encrypts everything which a stack keeps. */
export class Keys extends Concern {
  readonly data: kms.Key;

  constructor(setting: Setting, options: pulumi.ComponentResourceOptions) {
    super('Keys', setting, options);
    const { names } = setting;
    const name = names.of('other', 'data');
    this.data = new kms.Key(
      name,
      {
        description: `Data of the Lazuli deployment ${names.stack}`,
        enableKeyRotation: true,
        deletionWindowInDays: deletionDays,
        policy: policy(keyPolicy(setting)),
      },
      this.kept(setting),
    );
    new kms.Alias(name, { name: `alias/${name}`, targetKeyId: this.data.id }, this.mine);
    this.registerOutputs({ data: this.data.arn });
  }
}

/** IAM policies of the account decide, and the services that encrypt by themselves may use the key for it. */
function keyPolicy({ stack: { account, region }, names }: Setting): readonly Statement[] {
  const use = ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'];
  return [
    { Effect: 'Allow', Action: ['kms:*'], Principal: { AWS: `arn:aws:iam::${account}:root` }, Resource: ['*'] },
    {
      Effect: 'Allow',
      Action: use,
      Principal: { Service: `logs.${region}.amazonaws.com` },
      Resource: ['*'],
      Condition: {
        ArnLike: { 'kms:EncryptionContext:aws:logs:arn': logGroups(account, region, names.stack) },
      },
    },
    {
      Effect: 'Allow',
      Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Resource: ['*'],
      Condition: { StringEquals: { 'aws:SourceAccount': account } },
    },
  ];
}

const logGroups = (account: string, region: string, stack: string): string[] =>
  ['/lazuli', 'aws-waf-logs-lazuli'].flatMap((prefix) => {
    const separator = prefix.startsWith('/') ? '/' : '-';
    const group = `arn:aws:logs:${region}:${account}:log-group:${prefix}${separator}${stack}`;
    return [group, `${group}/*`];
  });
