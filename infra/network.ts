import * as aws from '@pulumi/aws/ec2/index.js';
import { getAvailabilityZonesOutput } from '@pulumi/aws/getAvailabilityZones.js';
import * as pulumi from '@pulumi/pulumi';
import { Concern, type Setting } from './component.ts';
import { open } from './openings.ts';

/** Where a stack's tasks run. A stack that shares a domain shares the network that the domain is in. */
export interface Place {
  readonly vpcId: pulumi.Input<string>;
  readonly publicSubnetIds: pulumi.Input<pulumi.Input<string>[]>;
  readonly privateSubnetIds: pulumi.Input<pulumi.Input<string>[]>;
  readonly endpoints: pulumi.Input<Endpoints>;
}

/** Ways to AWS without the internet. */
export interface Endpoints {
  /** security group of the interface endpoints */
  readonly group: string;
  /** lists of the addresses behind the gateway endpoints */
  readonly s3: string;
  readonly dynamodb: string;
}

/** Gateway endpoints cost nothing; the others keep traffic of the workers off the NAT gateway. */
const interfaces = ['kinesis-streams', 'ecr.api', 'ecr.dkr', 'logs', 'secretsmanager'] as const;

/** Zones, by their ids, in which AWS offers no Fargate to new accounts or none at all; local zones are none of a region's. */
const without = ['use1-az3', 'usw1-az2', 'apne1-az3', 'cac1-az3'];
const ofRegion = [{ name: 'opt-in-status', values: ['opt-in-not-required'] }];

/** A VPC of public and private subnets over two or three zones. Tasks and the search domain are in private ones. */
export class Network extends Concern implements Place {
  readonly vpcId: pulumi.Output<string>;
  readonly publicSubnetIds: pulumi.Output<string>[];
  readonly privateSubnetIds: pulumi.Output<string>[];
  readonly endpoints: pulumi.Output<Endpoints>;

  constructor(setting: Setting, options: pulumi.ComponentResourceOptions) {
    super('Network', setting, options);
    const { names, stack } = setting;
    const { cidr, zones: count, natPerZone } = stack.network;
    const name = (what?: string) => names.of('other', what);
    const vpc = new aws.Vpc(
      name('vpc'),
      { cidrBlock: cidr, enableDnsHostnames: true, enableDnsSupport: true, tags: { Name: name() } },
      this.mine,
    );
    // The default group lets everything through between its members; nothing is to be a member.
    new aws.DefaultSecurityGroup(name('default'), { vpcId: vpc.id, ingress: [], egress: [] }, this.mine);
    const gateway = new aws.InternetGateway(name('internet'), { vpcId: vpc.id }, this.mine);
    const zones = getAvailabilityZonesOutput(
      { state: 'available', filters: ofRegion, excludeZoneIds: without },
      this.mine,
    ).names;
    const subnet = (kind: 'public' | 'private', zone: number) =>
      new aws.Subnet(
        name(`${kind}-${zone}`),
        {
          vpcId: vpc.id,
          cidrBlock: cidr.replace(/\.0\.0\/16$/, `.${(kind === 'public' ? 0 : 128) + 16 * zone}.0/20`),
          availabilityZone: zones.apply((found) => found[zone] ?? ''),
          tags: { Name: name(`${kind}-${zone}`) },
        },
        // A zone that AWS opens later must not move the subnets, and all that is in them, to others.
        { ...this.mine, ignoreChanges: ['availabilityZone'] },
      );
    const each = [...Array(count).keys()];
    const reachable = each.map((zone) => subnet('public', zone));
    const closed = each.map((zone) => subnet('private', zone));
    const toInternet = new aws.RouteTable(
      name('public'),
      { vpcId: vpc.id, routes: [{ cidrBlock: '0.0.0.0/0', gatewayId: gateway.id }] },
      this.mine,
    );
    // Neither an address nor a NAT gateway can be made in a network that has no way to the internet yet.
    const online = { ...this.mine, dependsOn: [gateway] };
    const nats = (natPerZone ? reachable : reachable.slice(0, 1)).map(({ id }, zone) =>
      nat(name(`nat-${zone}`), id, online),
    );
    const privately = closed.map(({ id }, zone) => {
      const natGatewayId = (nats[zone] ?? nats[0])?.id ?? '';
      const routes = [{ cidrBlock: '0.0.0.0/0', natGatewayId }];
      const table = new aws.RouteTable(name(`private-${zone}`), { vpcId: vpc.id, routes }, this.mine);
      return { table, subnetId: this.#routed(name(`private-${zone}`), id, table) };
    });
    this.vpcId = vpc.id;
    this.publicSubnetIds = reachable.map(({ id }, zone) => this.#routed(name(`public-${zone}`), id, toInternet));
    this.privateSubnetIds = privately.map(({ subnetId }) => subnetId);
    this.endpoints = this.#endpoints(
      setting,
      privately.map(({ table }) => table),
    );
    this.registerOutputs({ vpcId: vpc.id });
  }

  /** @returns the subnet's id once what is in it has its way out */
  #routed(name: string, subnetId: pulumi.Output<string>, table: aws.RouteTable): pulumi.Output<string> {
    const association = new aws.RouteTableAssociation(name, { subnetId, routeTableId: table.id }, this.mine);
    return pulumi.all([subnetId, association.id]).apply(([id]) => id);
  }

  #endpoints({ names, stack }: Setting, tables: readonly aws.RouteTable[]): pulumi.Output<Endpoints> {
    const name = (what: string) => names.of('other', what);
    const { vpcId } = this;
    const serviceName = (service: string) => `com.amazonaws.${stack.region}.${service}`;
    const group = new aws.SecurityGroup(
      name('endpoints'),
      {
        name: name('endpoints'),
        description: 'Interface endpoints: HTTPS from the VPC',
        vpcId,
      },
      this.mine,
    );
    const network = { what: 'network', fromPort: 443, peer: { cidrIpv4: stack.network.cidr } };
    open(group, name('endpoints'), { in: [network] }, this.mine);
    const gateway = (service: 's3' | 'dynamodb') => {
      const routeTableIds = tables.map(({ id }) => id);
      const type = { vpcEndpointType: 'Gateway', routeTableIds } as const;
      return new aws.VpcEndpoint(name(service), { vpcId, serviceName: serviceName(service), ...type }, this.mine);
    };
    const [s3, dynamodb] = [gateway('s3').prefixListId, gateway('dynamodb').prefixListId];
    for (const service of interfaces) {
      new aws.VpcEndpoint(
        name(service.replace('.', '-')),
        {
          vpcId,
          serviceName: serviceName(service),
          vpcEndpointType: 'Interface',
          privateDnsEnabled: true,
          subnetIds: this.privateSubnetIds,
          securityGroupIds: [group.id],
        },
        this.mine,
      );
    }
    return pulumi.output({ group: group.id, s3, dynamodb });
  }
}

function nat(name: string, subnetId: pulumi.Output<string>, online: pulumi.CustomResourceOptions): aws.NatGateway {
  const address = new aws.Eip(name, { domain: 'vpc' }, online);
  return new aws.NatGateway(name, { subnetId, allocationId: address.id }, online);
}
