import { LogGroup } from '@pulumi/aws/cloudwatch/index.js';
import { SecurityGroup } from '@pulumi/aws/ec2/index.js';
import * as ecs from '@pulumi/aws/ecs/index.js';
import type * as iam from '@pulumi/aws/iam/index.js';
import { PrivateDnsNamespace } from '@pulumi/aws/servicediscovery/index.js';
import * as pulumi from '@pulumi/pulumi';
import { Concern, type Setting } from '../component.ts';
import { useKey } from '../permissions/grants.ts';
import { allow } from '../permissions/policy.ts';
import { makeRole } from '../permissions/role.ts';
import type { Resources } from '../resources.ts';
import { ports } from './roles.ts';
import { namespaceOf } from './settings.ts';

/** Where tasks run, and what all of them share. */
export class Cluster extends Concern {
  readonly arn: pulumi.Output<string>;
  readonly name: pulumi.Output<string>;
  readonly namespace: PrivateDnsNamespace;
  /** of all tasks: they reach each other and the world, and only the load balancer reaches them */
  readonly group: SecurityGroup;
  readonly logs: LogGroup;
  /** pulls the image, reads secrets, writes logs; the application never has it */
  readonly execution: iam.Role;

  constructor(setting: Setting, resources: Resources, options: pulumi.ComponentResourceOptions) {
    super('Cluster', setting, options);
    const { names, stack } = setting;
    const { place, keys } = resources;
    const name = names.of('other', 'workers');
    const cluster = new ecs.Cluster(
      name,
      { name, settings: [{ name: 'containerInsights', value: 'enabled' }] },
      this.mine,
    );
    this.arn = cluster.arn;
    this.name = cluster.name;
    this.namespace = new PrivateDnsNamespace(name, { name: namespaceOf(names.stack), vpc: place.vpcId }, this.mine);
    const anywhere = ['0.0.0.0/0'];
    this.group = new SecurityGroup(
      name,
      {
        name,
        description: 'Tasks: each other, and the load balancer',
        vpcId: place.vpcId,
        ingress: [{ self: true, protocol: 'tcp', fromPort: ports.query, toPort: ports.transform }],
        egress: [
          { protocol: 'tcp', fromPort: 443, toPort: 443, cidrBlocks: anywhere },
          { self: true, protocol: 'tcp', fromPort: ports.query, toPort: ports.transform },
        ],
      },
      this.mine,
    );
    this.logs = new LogGroup(
      name,
      { name: `/lazuli/${names.stack}/workers`, kmsKeyId: keys.data.arn, retentionInDays: stack.logDays },
      this.mine,
    );
    this.execution = this.#execution(setting, resources);
    this.registerOutputs({ arn: this.arn });
  }

  #execution(setting: Setting, { secrets, keys, search }: Resources): iam.Role {
    const { region } = setting.stack;
    const repository = repositoryArn(setting);
    return makeRole(setting, {
      what: 'execution',
      service: 'ecs-tasks.amazonaws.com',
      statements: [
        // The one action of a registry that has no resource.
        allow(['ecr:GetAuthorizationToken'], ['*']),
        allow(['ecr:BatchCheckLayerAvailability', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage'], [repository]),
        allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [pulumi.interpolate`${this.logs.arn}:*`]),
        allow(
          ['secretsmanager:GetSecretValue'],
          [secrets.hmacKey.arn, secrets.writer.arn, secrets.reader.arn, search.masterSecret],
        ),
        useKey(keys.data.arn, region, ['secretsmanager']),
        useKey(search.masterKey, region, ['secretsmanager']),
      ],
      options: this.mine,
    });
  }
}

/** Of an image in a registry of AWS, its repository; of others, nothing that IAM decides about. */
function repositoryArn({ stack: { image, region, account } }: Setting): string {
  const [, owner = account, where = region, repository = 'lazuli'] =
    /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com\/([^@:]+)/.exec(image) ?? [];
  return `arn:aws:ecr:${where}:${owner}:repository/${repository}`;
}
