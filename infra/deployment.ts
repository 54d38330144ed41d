import { Provider } from '@pulumi/aws/provider.js';
import type { Region } from '@pulumi/aws/types/enums/index.js';
import * as pulumi from '@pulumi/pulumi';
import { Archive } from './archive.ts';
import { Balancer } from './balancer.ts';
import type { Setting } from './component.ts';
import { Firewall } from './firewall.ts';
import { Keys } from './keys.ts';
import { leasesOf } from './leases.ts';
import { Alarms } from './monitoring/alarms.ts';
import { Overview } from './monitoring/dashboard.ts';
import { Spending } from './monitoring/spending.ts';
import { namesOf } from './names.ts';
import { parseStack } from './parse.ts';
import { placeAndSearch } from './placement.ts';
import type { Resources } from './resources.ts';
import { Secrets } from './secrets.ts';
import { Storage } from './storage.ts';
import { Streams } from './streams.ts';
import { Coordination } from './table.ts';
import { Building } from './workers/building.ts';
import { Cluster } from './workers/cluster.ts';
import { Errands } from './workers/errands.ts';
import { rolesOf } from './workers/roles.ts';
import { Scaling } from './workers/scaling.ts';
import { SettingsObject } from './workers/settings-object.ts';
import { Worker } from './workers/worker.ts';

/**
 * All resources of a stack.
 *
 * @param input the object `lazuli:stack` of the stack's file
 * @returns what operators and other stacks need to know of it
 * @throws LazuliError `configuration_invalid`
 */
export function deploy(name: string, input: unknown) {
  const stack = parseStack(name, input);
  const setting: Setting = { names: namesOf(name, stack.account, stack.region), stack };
  const provider = providerOf(setting);
  const options: pulumi.ComponentResourceOptions = { providers: { aws: provider } };
  const keys = new Keys(setting, options);
  const { place, search } = placeAndSearch(setting, keys, options);
  const storage = new Storage(setting, keys, options);
  const resources: Resources = {
    place,
    search,
    keys,
    storage,
    secrets: new Secrets(setting, keys, options),
    streams: new Streams(setting, keys, options),
    coordination: new Coordination(setting, keys, options),
    leases: leasesOf(setting, keys, options),
    archive: new Archive(setting, keys, storage, options),
  };
  const cluster = new Cluster(setting, resources, options);
  const balancer = new Balancer(setting, resources, cluster, options);
  new Firewall(setting, balancer, keys, options);
  const parts = { cluster, resources, settings: new SettingsObject(setting, resources, options) };
  const workers = startWorkers(setting, parts, balancer, options);
  const errands = new Errands(setting, parts, options);
  const watching = { resources, cluster, balancer, workers };
  new Alarms(setting, watching, options);
  new Overview(setting, watching, options);
  new Spending(setting, options);
  return outputsOf(setting, resources, { cluster, workers, errands });
}

/** Every resource is tagged, and made in the one account that the stack names. */
function providerOf({ names, stack }: Setting): Provider {
  const tags = {
    project: 'lazuli',
    deployment: names.stack,
    owner: stack.owner,
    billing: stack.billing,
  };
  const region = stack.region as Region;
  const guarded = { region, allowedAccountIds: [stack.account], defaultTags: { tags } };
  return new Provider(names.of('other', 'aws'), guarded);
}

function startWorkers(
  setting: Setting,
  parts: { cluster: Cluster; resources: Resources; settings: SettingsObject },
  balancer: Balancer,
  options: pulumi.ComponentResourceOptions,
): ReadonlyMap<string, Worker> {
  const served: Readonly<Record<string, Balancer['query']>> = { query: balancer.query, indexer: balancer.indexer };
  const { listener } = balancer;
  const workers = new Map<string, Worker>();
  for (const role of rolesOf(setting)) {
    const group = served[role.name];
    const targets = group === undefined ? {} : { targets: { arn: group.arn, listener } };
    const after = (role.after ?? []).flatMap((name) => workers.get(name)?.service ?? []);
    workers.set(role.name, new Worker(setting, role, { ...parts, ...targets, after }, options));
  }
  const query = workers.get('query');
  if (query !== undefined) {
    const balanced = { balancer: balancer.loadBalancer.arnSuffix, targets: balancer.query.arnSuffix };
    new Scaling(setting, { cluster: parts.cluster, query, balanced }, options);
  }
  const builder = workers.get('builder');
  if (builder !== undefined) new Building(setting, { cluster: parts.cluster, builder }, options);
  return workers;
}

interface Tasks {
  readonly cluster: Cluster;
  readonly workers: ReadonlyMap<string, Worker>;
  readonly errands: Errands;
}

function outputsOf({ stack }: Setting, resources: Resources, { cluster, workers, errands }: Tasks) {
  const { place, search, streams, storage, coordination, archive } = resources;
  const network = pulumi
    .all([place.privateSubnetIds, cluster.group.id])
    .apply(([subnets, group]) => ({ awsvpcConfiguration: { subnets, securityGroups: [group] } }));
  const running = [...workers.values()].map(({ service, task }) => pulumi.all([service.name, task]));
  return {
    /** what runs, to be promoted to the next stack */
    image: stack.image,
    queryUrl: `https://${stack.domain.query}`,
    indexerUrl: `https://${stack.domain.indexer}`,
    streams: { notifications: streams.notifications.name, batches: streams.batches.name },
    buckets: {
      staging: storage.staging.bucket,
      deadLetters: storage.deadLetters.bucket,
      archive: storage.archive.bucket,
    },
    deliveryStreams: { notifications: archive.notifications.name, deadLetters: archive.deadLetters.name },
    table: coordination.table.name,
    /** ARNs of the task definitions that run, by the names of the services; of the smoke test */
    services: {
      cluster: cluster.name,
      taskDefinitions: pulumi.all(running).apply((pairs) => Object.fromEntries(pairs)),
    },
    /** for stacks that share the domain, and with it the network */
    shared: {
      vpcId: place.vpcId,
      publicSubnetIds: place.publicSubnetIds,
      privateSubnetIds: place.privateSubnetIds,
      endpoints: place.endpoints,
      endpoint: search.endpoint,
      domain: search.domain,
      users: search.owned?.tenants ?? {},
      usersKey: search.usersKey,
    },
    /** of `aws ecs run-task` */
    errands: {
      cluster: cluster.name,
      ...(errands.bootstrap === null ? {} : { bootstrap: errands.bootstrap.arn }),
      operator: errands.operator.arn,
      networkConfiguration: network,
    },
  };
}
