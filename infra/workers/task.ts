import * as ecs from '@pulumi/aws/ecs/index.js';
import type * as iam from '@pulumi/aws/iam/index.js';
import * as pulumi from '@pulumi/pulumi';
import { searchUsers } from '../../config/search-names.ts';
import type { Setting } from '../component.ts';
import type { Resources } from '../resources.ts';
import type { Cluster } from './cluster.ts';
import type { Role } from './roles.ts';
import { dataFolder } from './settings.ts';

/** Secrets by the environment variable in which the container gets their text. */
export type SecretVariables = Readonly<Record<string, pulumi.Input<string>>>;

export interface TaskParts {
  readonly setting: Setting;
  readonly cluster: Cluster;
  readonly settings: pulumi.Output<string>;
  /** absent: the application may do nothing in AWS */
  readonly taskRole?: iam.Role;
  readonly options: pulumi.CustomResourceOptions;
}

const volume = 'data';
/** The image's user, `node`. */
const user = '1000:1000';

/** Name of the container that runs the application. */
export const container = 'lazuli';

/** How a role is run: one container of the image, and one that hands it its disk. */
export function taskOf(role: Role, resources: Resources, parts: TaskParts): ecs.TaskDefinition {
  const { setting, settings } = parts;
  const disk = role.volumeGiB !== undefined;
  const mounts = disk ? [{ sourceVolume: volume, containerPath: dataFolder, readOnly: false }] : [];
  const secrets = secretsOf(role, resources);
  const { writer, reader } = searchUsers(setting.names.stack);
  const environment = {
    NODE_ENV: 'production',
    LAZULI_SETTINGS: settings,
    LAZULI_OPENSEARCH_USERNAME: role.name === 'query' || role.name === 'indexer' ? reader : writer,
  };
  const main = {
    ...application(parts, role.name, environment, secrets),
    command: role.command,
    portMappings: [{ containerPort: role.port, protocol: 'tcp' }],
    stopTimeout: role.stopSeconds,
    healthCheck: {
      command: ['CMD', 'node', 'bin/healthy.js', `http://127.0.0.1:${role.port}/health/basic`],
      interval: 30,
      timeout: 10,
      retries: 3,
      startPeriod: 120,
    },
    mountPoints: mounts,
    ...(disk ? { dependsOn: [{ containerName: 'disk', condition: 'SUCCESS' }] } : {}),
  };
  const containers = disk ? [main, diskOwner(parts, role.name, mounts)] : [main];
  return define(role.name, role.size, containers, parts, disk ? [{ name: volume, configureAtLaunch: true }] : []);
}

/** What the containers of the application have in common: unprivileged, and nothing but its disk is writable. */
export function application(
  { setting: { stack }, cluster }: TaskParts,
  prefix: string,
  environment: Readonly<Record<string, pulumi.Input<string>>>,
  secrets: SecretVariables,
) {
  return {
    name: container,
    image: stack.image,
    essential: true,
    user,
    readonlyRootFilesystem: true,
    privileged: false,
    linuxParameters: { initProcessEnabled: true, capabilities: { drop: ['ALL'] } },
    environment: Object.entries(environment).map(([name, value]) => ({ name, value })),
    secrets: Object.entries(secrets).map(([name, valueFrom]) => ({ name, valueFrom })),
    logConfiguration: logging(cluster, prefix, stack.region),
  };
}

/** A fresh volume belongs to root; this gives it to the application's user and ends. */
function diskOwner({ setting: { stack }, cluster }: TaskParts, prefix: string, mountPoints: readonly object[]) {
  const script = `require('node:fs').chownSync('${dataFolder}', 1000, 1000)`;
  return {
    name: 'disk',
    image: stack.image,
    essential: false,
    user: '0:0',
    readonlyRootFilesystem: true,
    privileged: false,
    linuxParameters: { capabilities: { drop: ['ALL'], add: ['CHOWN'] } },
    entryPoint: ['node', '-e', script],
    mountPoints,
    logConfiguration: logging(cluster, `${prefix}-disk`, stack.region),
  };
}

function logging({ logs }: Cluster, prefix: string, region: string) {
  const options = { 'awslogs-group': logs.name, 'awslogs-region': region, 'awslogs-stream-prefix': prefix };
  return { logDriver: 'awslogs', options: { ...options, mode: 'non-blocking', 'max-buffer-size': '16m' } };
}

function secretsOf({ name }: Role, { secrets }: Resources): SecretVariables {
  if (name === 'query') return { LAZULI_OPENSEARCH_PASSWORD: secrets.reader.arn };
  if (name === 'indexer') {
    return { LAZULI_OPENSEARCH_PASSWORD: secrets.reader.arn, LAZULI_HMAC_KEY: secrets.hmacKey.arn };
  }
  return { LAZULI_OPENSEARCH_PASSWORD: secrets.writer.arn };
}

/** @param containers as ECS reads them, with values that are known only while deploying */
export function define(
  what: string,
  { cpu, memory }: Role['size'],
  containers: readonly object[],
  { setting, cluster, taskRole, options }: TaskParts,
  volumes: readonly { name: string; configureAtLaunch: boolean }[] = [],
): ecs.TaskDefinition {
  const name = setting.names.of('other', what);
  return new ecs.TaskDefinition(
    name,
    {
      family: name,
      cpu: `${cpu}`,
      memory: `${memory}`,
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      runtimePlatform: { operatingSystemFamily: 'LINUX', cpuArchitecture: 'X86_64' },
      executionRoleArn: cluster.execution.arn,
      ...(taskRole === undefined ? {} : { taskRoleArn: taskRole.arn }),
      containerDefinitions: pulumi.jsonStringify(containers),
      volumes: [...volumes],
    },
    options,
  );
}
