import * as ecs from '@pulumi/aws/ecs/index.js';
import { RolePolicyAttachment } from '@pulumi/aws/iam/index.js';
import { Service as DiscoveryService } from '@pulumi/aws/servicediscovery/index.js';
import * as pulumi from '@pulumi/pulumi';
import { Concern, type Setting } from '../component.ts';
import { allow } from '../permissions/policy.ts';
import { makeRole } from '../permissions/role.ts';
import { statementsOf } from '../permissions/workers.ts';
import type { Resources } from '../resources.ts';
import type { Cluster } from './cluster.ts';
import type { Role } from './roles.ts';
import type { SettingsObject } from './settings-object.ts';
import { container, taskOf } from './task.ts';

const volumePolicy = 'arn:aws:iam::aws:policy/service-role/AmazonECSInfrastructureRolePolicyForVolumes';

/** What a worker is made of. */
export interface WorkerParts {
  readonly cluster: Cluster;
  readonly resources: Resources;
  readonly settings: SettingsObject;
  /** where the load balancer sends requests to, if it sends this role any; with what must exist before */
  readonly targets?: { readonly arn: pulumi.Output<string>; readonly listener: pulumi.Resource };
  /** what must be as the stack says before */
  readonly after?: readonly pulumi.Resource[];
}

/** A role of the image as a service of ECS on Fargate. */
export class Worker extends Concern {
  readonly service: ecs.Service;
  /** whether a task is to run at all times */
  readonly runs: boolean;
  /** ARN of what its tasks are to run */
  readonly task: pulumi.Output<string>;

  constructor(setting: Setting, role: Role, parts: WorkerParts, options: pulumi.ComponentResourceOptions) {
    super(`Worker-${role.name}`, setting, options);
    const { cluster, resources, settings, targets, after = [] } = parts;
    const taskRole = makeRole(setting, {
      what: role.name,
      service: 'ecs-tasks.amazonaws.com',
      statements: [...statementsOf(role, setting, resources), settings.reading],
      options: this.mine,
    });
    const task = taskOf(role, resources, { setting, cluster, settings, taskRole, options: this.mine });
    this.task = task.arn;
    this.runs = role.tasks > 0;
    const name = setting.names.of('other', role.name);
    const group = role.group === undefined ? cluster.group : cluster[role.group];
    if (group === undefined) throw new Error(`There is no security group for ${role.name}`);
    this.service = new ecs.Service(
      name,
      {
        name,
        cluster: cluster.arn,
        taskDefinition: task.arn,
        desiredCount: role.tasks,
        launchType: 'FARGATE',
        platformVersion: '1.4.0',
        propagateTags: 'SERVICE',
        enableEcsManagedTags: true,
        networkConfiguration: { subnets: resources.place.privateSubnetIds, securityGroups: [group.id] },
        serviceRegistries: { registryArn: this.#discovery(role, cluster).arn },
        // A deployment that doesn't come up fails `pulumi up`, instead of being left behind unseen.
        waitForSteadyState: true,
        ...deploymentOf(role),
        ...(targets === undefined
          ? {}
          : {
              loadBalancers: [{ targetGroupArn: targets.arn, containerName: container, containerPort: role.port }],
              healthCheckGracePeriodSeconds: 60,
            }),
        ...this.#volume(setting, role, resources),
      },
      {
        ...this.mine,
        dependsOn: [...after, ...(targets === undefined ? [] : [targets.listener])],
        // Autoscaling has changed it since.
        ...(role.kind === 'query' || role.kind === 'builder' ? { ignoreChanges: ['desiredCount'] } : {}),
      },
    );
    this.registerOutputs({ service: this.service.name });
  }

  #discovery({ name }: Role, { namespace }: Cluster): DiscoveryService {
    const records = { namespaceId: namespace.id, dnsRecords: [{ type: 'A', ttl: 10 }], routingPolicy: 'MULTIVALUE' };
    return new DiscoveryService(`${name}-discovery`, { name, dnsConfig: records }, this.mine);
  }

  /** ECS makes a volume for each task and removes it with the task: what is on it is derived. */
  #volume(setting: Setting, role: Role, { keys }: Resources): Partial<ecs.ServiceArgs> {
    if (role.volumeGiB === undefined) return {};
    const infrastructure = makeRole(setting, {
      what: `${role.name}-volume`,
      service: 'ecs.amazonaws.com',
      saysAccount: false,
      statements: [
        allow(['kms:Decrypt', 'kms:GenerateDataKeyWithoutPlaintext', 'kms:DescribeKey'], [keys.data.arn]),
        allow(['kms:CreateGrant'], [keys.data.arn], { Bool: { 'kms:GrantIsForAWSResource': 'true' } }),
      ],
      options: this.mine,
    });
    const attachment = new RolePolicyAttachment(
      setting.names.of('other', `${role.name}-volume`),
      { role: infrastructure.name, policyArn: volumePolicy },
      this.mine,
    );
    return {
      volumeConfiguration: {
        name: 'data',
        managedEbsVolume: {
          // known once the role has its policy
          roleArn: pulumi.all([infrastructure.arn, attachment.id]).apply(([arn]) => arn),
          encrypted: true,
          kmsKeyId: keys.data.arn,
          fileSystemType: 'xfs',
          sizeInGb: role.volumeGiB,
          volumeType: 'gp3',
          tagSpecifications: [{ resourceType: 'volume', propagateTags: 'SERVICE' }],
        },
      },
    };
  }
}

/** A role that is alone is stopped before its successor starts; others overlap, so that somebody always answers. */
function deploymentOf({ alone }: Role): Partial<ecs.ServiceArgs> {
  const rollback = { deploymentCircuitBreaker: { enable: true, rollback: true } };
  if (!alone) return { ...rollback, deploymentMinimumHealthyPercent: 100, deploymentMaximumPercent: 200 };
  const once = { deploymentMinimumHealthyPercent: 0, deploymentMaximumPercent: 100 };
  return { ...rollback, ...once, availabilityZoneRebalancing: 'DISABLED' };
}
