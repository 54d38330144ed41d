import { LogGroup } from '@pulumi/aws/cloudwatch/index.js';
import { SecurityGroup } from '@pulumi/aws/ec2/index.js';
import * as ecs from '@pulumi/aws/ecs/index.js';
import { PrivateDnsNamespace } from '@pulumi/aws/servicediscovery/index.js';
import * as pulumi from '@pulumi/pulumi';
import { Concern, type Setting } from '../component.ts';
import type { StackConfiguration } from '../configuration.ts';
import type { Place } from '../network.ts';
import { anyone, open } from '../openings.ts';
import { useKey } from '../permissions/grants.ts';
import { allow } from '../permissions/policy.ts';
import { makeRole } from '../permissions/role.ts';
import type { Resources } from '../resources.ts';
import { ports, sharedPorts } from './roles.ts';
import { namespaceOf } from './settings.ts';

/** Where tasks run, and what all of them share. */
export class Cluster extends Concern {
  readonly arn: pulumi.Output<string>;
  readonly name: pulumi.Output<string>;
  readonly namespace: PrivateDnsNamespace;
  /** of all tasks but those apart: they reach each other and the world, and only the load balancer reaches them */
  readonly group: SecurityGroup;
  /** of export workers: they reach services of AWS, and only the other tasks reach their metrics */
  readonly exporters: SecurityGroup;
  /** of builders: they reach owners of catalogs and the world, and only the other tasks reach their metrics; absent without */
  readonly builders: SecurityGroup | undefined;
  readonly logs: LogGroup;
  /** ARN of the role that pulls the image, reads secrets and writes logs; the application never has it */
  readonly execution: pulumi.Output<string>;

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
    this.group = this.#group(name, place.vpcId);
    this.exporters = this.#exporters(setting, place);
    this.builders = stack.roles.builder.maximum === 0 ? undefined : this.#builders(setting, place);
    this.logs = new LogGroup(
      name,
      { name: `/lazuli/${names.stack}/workers`, kmsKeyId: keys.data.arn, retentionInDays: stack.logDays },
      this.mine,
    );
    const { secrets, search } = resources;
    const { indexer, public: anonymous } = stack.terra ?? {};
    const terraSecrets = [indexer, anonymous].filter((one) => one !== undefined);
    const read = {
      secrets: [secrets.hmacKey, secrets.exportKey, search.users, ...terraSecrets],
      keys: [keys.data.arn, search.usersKey],
    };
    this.execution = this.executor(setting, 'execution', read, this.mine);
    this.registerOutputs({ arn: this.arn });
  }

  #group(name: string, vpcId: pulumi.Input<string>): SecurityGroup {
    const group = new SecurityGroup(
      name,
      { name, description: 'Tasks: each other, and the load balancer', vpcId },
      this.mine,
    );
    const each = { what: 'tasks', ...sharedPorts, peer: { referencedSecurityGroupId: group.id } };
    const web = { what: 'web', fromPort: 443, peer: anyone };
    open(group, name, { in: [each], out: [each, web] }, this.mine);
    return group;
  }

  /** Image, log, bucket and table are reached by endpoints; the search domain is behind none of them. */
  #exporters({ names, stack }: Setting, { vpcId, endpoints }: Place): SecurityGroup {
    const name = names.of('other', 'exporters');
    const group = new SecurityGroup(name, { name, description: 'Export workers: services of AWS', vpcId }, this.mine);
    const { group: own, s3, dynamodb } = pulumi.output(endpoints);
    const peers = {
      endpoints: { referencedSecurityGroupId: own },
      s3: { prefixListId: s3 },
      dynamodb: { prefixListId: dynamodb },
      ...((stack.roles.export.web ?? isElsewhere(stack)) ? { web: anyone } : {}),
    };
    const out = Object.entries(peers).map(([what, peer]) => ({ what, fromPort: 443, peer }));
    const metrics = (peer: SecurityGroup) => ({
      fromPort: ports.export,
      peer: { referencedSecurityGroupId: peer.id },
    });
    open(group, name, { in: [{ what: 'tasks', ...metrics(this.group) }], out }, this.mine);
    open(this.group, names.of('other', 'workers'), { out: [{ what: 'exporters', ...metrics(group) }] }, this.mine);
    return group;
  }

  /** Of the other tasks they reach those alone that listen where owners of catalogs do. */
  #builders({ names }: Setting, { vpcId }: Place): SecurityGroup {
    const name = names.of('other', 'builders');
    const group = new SecurityGroup(name, { name, description: 'Builders: owners of catalogs', vpcId }, this.mine);
    const at = (what: string, fromPort: number, { id }: SecurityGroup) => ({
      ...{ what, fromPort },
      peer: { referencedSecurityGroupId: id },
    });
    const out = [at('owners', ports.transform, this.group), { what: 'web', fromPort: 443, peer: anyone }];
    open(group, name, { in: [at('tasks', ports.builder, this.group)], out }, this.mine);
    const own = { in: [at('builders', ports.transform, group)], out: [at('builders', ports.builder, group)] };
    open(this.group, names.of('other', 'workers'), own, this.mine);
    return group;
  }

  /**
   * A role with which ECS starts tasks that get some secrets, and no others.
   *
   * @param read ARNs of the secrets, and of the keys that encrypt them
   * @returns its ARN, once it may do so
   */
  executor(
    setting: Setting,
    what: string,
    read: Readonly<Record<'secrets' | 'keys', readonly pulumi.Input<string>[]>>,
    options: pulumi.CustomResourceOptions,
  ): pulumi.Output<string> {
    const { region } = setting.stack;
    const { arn } = makeRole(setting, {
      what,
      service: 'ecs-tasks.amazonaws.com',
      statements: [
        // The one action of a registry that has no resource.
        allow(['ecr:GetAuthorizationToken'], ['*']),
        allow(
          ['ecr:BatchCheckLayerAvailability', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage'],
          [repositoryArn(setting)],
        ),
        allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [pulumi.interpolate`${this.logs.arn}:*`]),
        allow(['secretsmanager:GetSecretValue'], read.secrets),
        ...read.keys.map((key) => useKey(key, region, ['secretsmanager'])),
      ],
      options,
    });
    return arn;
  }
}

/** Whether the image is in another registry than that of the region, which has endpoints. */
const isElsewhere = ({ image, region }: StackConfiguration): boolean =>
  !image.includes(`.dkr.ecr.${region}.amazonaws.com/`);

/** Of an image in a registry of AWS, its repository; of others, nothing that IAM decides about. */
function repositoryArn({ stack: { image, region, account } }: Setting): string {
  const [, owner = account, where = region, repository = 'lazuli'] =
    /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com\/([^@:]+)/.exec(image) ?? [];
  return `arn:aws:ecr:${where}:${owner}:repository/${repository}`;
}
