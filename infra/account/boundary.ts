import { allow, type Statement } from '../permissions/policy.ts';

/** Name of the policy that bounds every role which a stack makes. */
export const boundaryName = 'lazuli-boundary';

/** Its ARN in an account. */
export const boundaryArn = (account: string): string => `arn:aws:iam::${account}:policy/${boundaryName}`;

/**
 * The most that any role of any stack may do, whatever its own policies say: use what is called after Lazuli, through the
 * calls that the application makes. Nothing of IAM, and nothing that makes or destroys what keeps data.
 */
export function boundaryStatements(account: string): readonly Statement[] {
  const here = (service: string, resource: string) => `arn:aws:${service}:*:${account}:${resource}`;
  return [
    allow(
      [
        'kinesis:DescribeStreamConsumer',
        'kinesis:DescribeStreamSummary',
        'kinesis:GetRecords',
        'kinesis:GetShardIterator',
        'kinesis:ListShards',
        'kinesis:PutRecords',
        'kinesis:RegisterStreamConsumer',
        'kinesis:SubscribeToShard',
      ],
      [here('kinesis', 'stream/lazuli-*')],
    ),
    allow(['firehose:PutRecordBatch'], [here('firehose', 'deliverystream/lazuli-*')]),
    allow(
      [
        's3:AbortMultipartUpload',
        's3:DeleteObject',
        's3:GetBucketLocation',
        's3:GetObject',
        's3:GetObjectVersion',
        's3:ListBucket',
        's3:ListBucketMultipartUploads',
        's3:PutObject',
      ],
      ['arn:aws:s3:::lazuli-*'],
      { StringEquals: { 'aws:ResourceAccount': account } },
    ),
    allow(
      ['DeleteItem', 'DescribeTable', 'GetItem', 'PutItem', 'Query', 'Scan', 'UpdateItem'].map(
        (one) => `dynamodb:${one}`,
      ),
      [here('dynamodb', 'table/lazuli-*')],
    ),
    allow(['secretsmanager:GetSecretValue'], [here('secretsmanager', 'secret:lazuli/*')]),
    allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [here('logs', 'log-group:/lazuli/*')]),
    // Keys have no names. What a key allows is in its own policy and in that of the role, too.
    allow(
      ['kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKey', 'kms:GenerateDataKeyWithoutPlaintext'],
      [here('kms', 'key/*')],
    ),
    allow(['kms:CreateGrant'], [here('kms', 'key/*')], { Bool: { 'kms:GrantIsForAWSResource': 'true' } }),
    // The image may be another account's, whose repository then says so.
    allow(
      ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
      ['arn:aws:ecr:*:*:repository/*'],
    ),
    allow(['ecr:GetAuthorizationToken', 'ec2:DescribeAvailabilityZones', 'ec2:DescribeVolumes'], ['*']),
    // Volumes that ECS makes for tasks, as `AmazonECSInfrastructureRolePolicyForVolumes` has it.
    allow(['ec2:CreateTags', 'ec2:CreateVolume', 'ec2:DeleteVolume'], ['arn:aws:ec2:*:*:volume/*']),
    allow(['ec2:CreateVolume'], ['arn:aws:ec2:*:*:snapshot/*']),
    allow(['ec2:AttachVolume', 'ec2:DetachVolume'], ['arn:aws:ec2:*:*:volume/*', 'arn:aws:ec2:*:*:instance/*']),
  ];
}
