import { allow, type Statement } from '../permissions/policy.ts';
import { boundaryArn } from './boundary.ts';
import type { AccountConfiguration } from './configuration.ts';

/** Who issues the tokens of GitHub's pipelines. */
export const issuer = 'token.actions.githubusercontent.com';

/** Services that a stack is made of, as IAM calls them; it makes nothing else. */
const services = [
  'acm',
  'application-autoscaling',
  'budgets',
  'cloudwatch',
  'dynamodb',
  'ec2',
  'ecs',
  'elasticloadbalancing',
  'es',
  'firehose',
  'kinesis',
  'kms',
  'logs',
  'route53',
  's3',
  'secretsmanager',
  'servicediscovery',
  'sns',
  'wafv2',
] as const;

/** Services that take a role of a stack. */
const takers = ['ecs-tasks.amazonaws.com', 'ecs.amazonaws.com', 'firehose.amazonaws.com'];

/** Lets the pipeline of one repository take a role, in a job of one environment. */
export function trustOf({ account, repository }: AccountConfiguration, environment: string): Statement {
  return {
    Effect: 'Allow',
    Action: ['sts:AssumeRoleWithWebIdentity'],
    Principal: { Federated: `arn:aws:iam::${account}:oidc-provider/${issuer}` },
    Condition: {
      StringEquals: {
        [`${issuer}:aud`]: 'sts.amazonaws.com',
        [`${issuer}:sub`]: `repo:${repository}:environment:${environment}`,
      },
    },
  };
}

/** A preview reads the state and asks for zones; it changes nothing, in AWS or in the state. */
export function previewStatements({ state }: AccountConfiguration): readonly Statement[] {
  return [
    allow(['s3:GetObject'], [`arn:aws:s3:::${state.bucket}/*`]),
    allow(['s3:ListBucket', 's3:GetBucketLocation'], [`arn:aws:s3:::${state.bucket}`]),
    allow(['kms:Decrypt', 'kms:DescribeKey'], [state.key]),
    allow(['ec2:DescribeAvailabilityZones'], ['*']),
  ];
}

/**
 * A deployment makes and changes what a stack is made of. Of IAM it has no more than what makes roles called after Lazuli,
 * within the boundary; the boundary and the pipeline's own roles, which are called otherwise, can't be changed by it.
 */
export function deployStatements(configuration: AccountConfiguration): readonly Statement[] {
  const { account, state, images } = configuration;
  const roles = [`arn:aws:iam::${account}:role/lazuli-*`];
  const bounded = { StringEquals: { 'iam:PermissionsBoundary': boundaryArn(account) } };
  return [
    allow(
      services.map((service) => `${service}:*`),
      ['*'],
    ),
    allow(['iam:Get*', 'iam:List*', 'ecr:DescribeImages', 'ecr:BatchGetImage', 'ecr:GetAuthorizationToken'], ['*']),
    allow(
      [
        'iam:AttachRolePolicy',
        'iam:CreateRole',
        'iam:DeleteRolePolicy',
        'iam:DetachRolePolicy',
        'iam:PutRolePermissionsBoundary',
        'iam:PutRolePolicy',
      ],
      roles,
      bounded,
    ),
    allow(['iam:DeleteRole', 'iam:TagRole', 'iam:UntagRole', 'iam:UpdateAssumeRolePolicy', 'iam:UpdateRole'], roles),
    allow(['iam:PassRole'], roles, { StringEquals: { 'iam:PassedToService': takers } }),
    ...(images === undefined ? [] : pushStatements(account, images)),
    {
      Effect: 'Deny',
      Action: ['s3:DeleteBucket*', 's3:PutBucket*', 's3:PutLifecycleConfiguration'],
      Resource: [`arn:aws:s3:::${state.bucket}`],
    },
    {
      Effect: 'Deny',
      Action: ['kms:DisableKey', 'kms:PutKeyPolicy', 'kms:ScheduleKeyDeletion'],
      Resource: [state.key],
    },
  ];
}

const pushStatements = (account: string, images: string): readonly Statement[] => [
  allow(
    [
      'ecr:BatchCheckLayerAvailability',
      'ecr:CompleteLayerUpload',
      'ecr:GetDownloadUrlForLayer',
      'ecr:InitiateLayerUpload',
      'ecr:PutImage',
      'ecr:UploadLayerPart',
    ],
    [`arn:aws:ecr:*:${account}:repository/${images}`],
  ),
];
