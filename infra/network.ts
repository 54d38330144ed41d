import * as aws from '@pulumi/aws/ec2/index.js';
import { getAvailabilityZonesOutput } from '@pulumi/aws/getAvailabilityZones.js';
import type * as pulumi from '@pulumi/pulumi';
import { Concern, type Setting } from './component.ts';

/** Where a stack's tasks run. A stack that shares a domain shares the network that the domain is in. */
export interface Place {
  readonly vpcId: pulumi.Input<string>;
  readonly publicSubnetIds: pulumi.Input<pulumi.Input<string>[]>;
  readonly privateSubnetIds: pulumi.Input<pulumi.Input<string>[]>;
}

/** Gateway endpoints cost nothing; the others keep traffic of the workers off the NAT gateway. */
const interfaces = ['kinesis-streams', 'ecr.api', 'ecr.dkr', 'logs', 'secretsmanager'] as const;

/** A VPC of public and private subnets over two or three zones. Tasks and the search domain are in private ones. */
export class Network extends Concern implements Place {
  readonly vpcId: pulumi.Output<string>;
  readonly publicSubnetIds: pulumi.Output<string>[];
  readonly privateSubnetIds: pulumi.Output<string>[];

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
    const zones = getAvailabilityZonesOutput({ state: 'available' }, this.mine).names;
    const subnet = (kind: 'public' | 'private', zone: number) =>
      new aws.Subnet(
        name(`${kind}-${zone}`),
        {
          vpcId: vpc.id,
          cidrBlock: cidr.replace(/\.0\.0\/16$/, `.${(kind === 'public' ? 0 : 128) + 16 * zone}.0/20`),
          availabilityZone: zones.apply((found) => found[zone] ?? ''),
          tags: { Name: name(`${kind}-${zone}`) },
        },
        this.mine,
      );
    const each = [...Array(count).keys()];
    const open = each.map((zone) => subnet('public', zone));
    const closed = each.map((zone) => subnet('private', zone));
    const toInternet = new aws.RouteTable(
      name('public'),
      { vpcId: vpc.id, routes: [{ cidrBlock: '0.0.0.0/0', gatewayId: gateway.id }] },
      this.mine,
    );
    const nats = (natPerZone ? open : open.slice(0, 1)).map(({ id }, zone) => this.#nat(name, zone, id));
    const tables = each.map((zone) => {
      const natGatewayId = (nats[zone] ?? nats[0])?.id ?? '';
      const routes = [{ cidrBlock: '0.0.0.0/0', natGatewayId }];
      return new aws.RouteTable(name(`private-${zone}`), { vpcId: vpc.id, routes }, this.mine);
    });
    for (const [zone, { id: subnetId }] of open.entries()) this.#route(name(`public-${zone}`), subnetId, toInternet);
    for (const [zone, { id: subnetId }] of closed.entries()) {
      const table = tables[zone];
      if (table !== undefined) this.#route(name(`private-${zone}`), subnetId, table);
    }
    this.vpcId = vpc.id;
    this.publicSubnetIds = open.map(({ id }) => id);
    this.privateSubnetIds = closed.map(({ id }) => id);
    this.#endpoints(setting, tables);
    this.registerOutputs({ vpcId: vpc.id });
  }

  #nat(name: (what: string) => string, zone: number, subnetId: pulumi.Output<string>): aws.NatGateway {
    const address = new aws.Eip(name(`nat-${zone}`), { domain: 'vpc' }, this.mine);
    return new aws.NatGateway(name(`nat-${zone}`), { subnetId, allocationId: address.id }, this.mine);
  }

  #route(name: string, subnetId: pulumi.Output<string>, table: aws.RouteTable): void {
    new aws.RouteTableAssociation(name, { subnetId, routeTableId: table.id }, this.mine);
  }

  #endpoints({ names, stack }: Setting, tables: readonly aws.RouteTable[]): void {
    const name = (what: string) => names.of('other', what);
    const { vpcId } = this;
    const serviceName = (service: string) => `com.amazonaws.${stack.region}.${service}`;
    const group = new aws.SecurityGroup(
      name('endpoints'),
      {
        name: name('endpoints'),
        description: 'Interface endpoints: HTTPS from the VPC',
        vpcId,
        ingress: [{ protocol: 'tcp', fromPort: 443, toPort: 443, cidrBlocks: [stack.network.cidr] }],
      },
      this.mine,
    );
    for (const service of ['s3', 'dynamodb'] as const) {
      const routeTableIds = tables.map(({ id }) => id);
      const type = { vpcEndpointType: 'Gateway', routeTableIds } as const;
      new aws.VpcEndpoint(name(service), { vpcId, serviceName: serviceName(service), ...type }, this.mine);
    }
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
  }
}
