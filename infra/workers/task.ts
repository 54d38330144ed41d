import * as ecs from '@pulumi/aws/ecs/index.js';
import * as pulumi from '@pulumi/pulumi';
import { searchUsers } from '../../core/config/search-names.ts';
import type { Setting } from '../component.ts';
import { ordinaryCapabilities } from '../fargate.ts';
import type { MadeRole } from '../permissions/role.ts';
import type { Resources } from '../resources.ts';
import type { Cluster } from './cluster.ts';
import type { Role } from './roles.ts';
import { dataFolder } from './settings.ts';
import type { SettingsObject } from './settings-object.ts';

/** Secrets by the environment variable in which the container gets their text. */
export type SecretVariables = Readonly<Record<string, pulumi.Input<string>>>;

export interface TaskParts {
  readonly setting: Setting;
  readonly cluster: Cluster;
  readonly settings: SettingsObject;
  /** absent: the application may do nothing in AWS */
  readonly taskRole?: MadeRole;
  /** ARN of the role that starts it; default: that of the workers */
  readonly execution?: pulumi.Output<string>;
  readonly options: pulumi.CustomResourceOptions;
}

const volume = 'data';
/** The image's user, `node`. */
const user = '1000:1000';

/** Name of the container that runs the application. */
export const container = 'lazuli';

/** How a role is run: one container of the image, and one that hands it its disk. */
export function taskOf(role: Role, resources: Resources, parts: TaskParts): ecs.TaskDefinition {
  const { setting } = parts;
  const disk = role.volumeGiB !== undefined;
  const mounts = disk ? [{ sourceVolume: volume, containerPath: dataFolder, readOnly: false }] : [];
  const secrets = { ...secretsOf(role, resources), ...terraKeysOf(role.kind, parts.setting) };
  const environment = {
    NODE_ENV: 'production',
    ...storedSettings(parts),
    ...searchUserOf(role, setting),
    ...javaOf(role),
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

/** Only the disk is writable: the library has files for the time being there, and nothing beside. */
const javaOf = ({ kcl }: Role): Readonly<Record<string, string>> =>
  kcl === true ? { TMPDIR: dataFolder, JAVA_TOOL_OPTIONS: `-Djava.io.tmpdir=${dataFolder} -XX:-UsePerfData` } : {};

/** Variables that say where the settings are: the region is that of the object. */
export const storedSettings = ({ setting: { stack }, settings }: TaskParts) => ({
  AWS_REGION: stack.region,
  LAZULI_SETTINGS_OBJECT: settings.address,
});

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
    linuxParameters: { initProcessEnabled: true, capabilities: { drop: ['ALL'] } },
    environment: Object.entries(environment).map(([name, value]) => ({ name, value })),
    secrets: Object.entries(secrets).map(([name, valueFrom]) => ({ name, valueFrom })),
    logConfiguration: logging(cluster, prefix, stack.region),
  };
}

/**
 * A fresh volume may belong to root; this gives it to the application's user and ends. Fargate adds no capability but one
 * for tracing, so root keeps the one that this takes: all others are dropped by name.
 */
function diskOwner({ setting: { stack }, cluster }: TaskParts, prefix: string, mountPoints: readonly object[]) {
  const script = `require('node:fs').chownSync('${dataFolder}', 1000, 1000)`;
  return {
    name: 'disk',
    image: stack.image,
    essential: false,
    user: '0:0',
    readonlyRootFilesystem: true,
    linuxParameters: { capabilities: { drop: ordinaryCapabilities.filter((one) => one !== 'CHOWN') } },
    entryPoint: ['node', '-e', script],
    mountPoints,
    logConfiguration: logging(cluster, `${prefix}-disk`, stack.region),
  };
}

function logging({ logs }: Cluster, prefix: string, region: string) {
  const options = { 'awslogs-group': logs.name, 'awslogs-region': region, 'awslogs-stream-prefix': prefix };
  return { logDriver: 'awslogs', options: { ...options, mode: 'non-blocking', 'max-buffer-size': '16m' } };
}

/** Nobody who doesn't search or write has a user of the search domain. */
function searchUserOf({ kind }: Role, { names }: Setting): Readonly<Record<string, string>> {
  if (kind === 'export') return {};
  const { writer, reader } = searchUsers(names.stack);
  return { LAZULI_OPENSEARCH_USERNAME: kind === 'query' || kind === 'indexer' ? reader : writer };
}

function secretsOf({ kind }: Role, { secrets, search }: Resources): SecretVariables {
  if (kind === 'export') return {};
  const reader = { LAZULI_OPENSEARCH_PASSWORD: memberOf(search.users, 'reader') };
  if (kind === 'query') return { ...reader, LAZULI_EXPORT_KEY: secrets.exportKey };
  if (kind === 'indexer') return { ...reader, LAZULI_HMAC_KEY: secrets.hmacKeyVersion };
  return { LAZULI_OPENSEARCH_PASSWORD: memberOf(search.users, 'writer') };
}

/** Keys of accounts for the Terra Data Repository go to who asks it. */
export function terraKeysOf(name: string, { stack: { terra } }: Setting): SecretVariables {
  if (terra === undefined || !['ingest', 'query', 'operator'].includes(name)) return {};
  const anonymous = terra.public === undefined ? {} : { LAZULI_TDR_PUBLIC_KEY: terra.public };
  return { LAZULI_TDR_INDEXER_KEY: terra.indexer, ...anonymous };
}

/** What ECS calls a member of a secret that is JSON. */
export const memberOf = (secret: pulumi.Input<string>, member: string): pulumi.Output<string> =>
  pulumi.interpolate`${secret}:${member}::`;

/** @param containers as ECS reads them, with values that are known only while deploying */
export function define(
  what: string,
  { cpu, memory }: Role['size'],
  containers: readonly object[],
  { setting, cluster, taskRole, execution = cluster.execution, options }: TaskParts,
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
      executionRoleArn: execution,
      ...(taskRole === undefined ? {} : { taskRoleArn: taskRole.arn }),
      containerDefinitions: pulumi.jsonStringify(containers),
      volumes: [...volumes],
    },
    options,
  );
}
