import * as acm from '@pulumi/aws/acm/index.js';
import { SecurityGroup } from '@pulumi/aws/ec2/index.js';
import * as lb from '@pulumi/aws/lb/index.js';
import * as route53 from '@pulumi/aws/route53/index.js';
import type * as pulumi from '@pulumi/pulumi';
import { Concern, type Setting } from './component.ts';
import { anyone, open } from './openings.ts';
import type { Resources } from './resources.ts';
import type { Cluster } from './workers/cluster.ts';
import { ports } from './workers/roles.ts';

const tls = 'ELBSecurityPolicy-TLS13-1-2-2021-06';
/** Our servers keep idle connections for 65 seconds: always longer than the load balancer uses them. */
const idleSeconds = 60;
/** As our server's grace for requests in flight. */
const drainSeconds = 20;

/** HTTPS at the domain names of the stack: the load balancer, its certificate and its names. */
export class Balancer extends Concern {
  readonly loadBalancer: lb.LoadBalancer;
  readonly listener: lb.Listener;
  readonly query: lb.TargetGroup;
  readonly indexer: lb.TargetGroup;

  constructor(setting: Setting, { place }: Resources, cluster: Cluster, options: pulumi.ComponentResourceOptions) {
    super('Balancer', setting, options);
    const { names, stack } = setting;
    const group = this.#group(setting, place.vpcId, cluster);
    const name = names.of('balancer');
    this.loadBalancer = new lb.LoadBalancer(
      name,
      {
        name,
        loadBalancerType: 'application',
        subnets: place.publicSubnetIds,
        securityGroups: [group.id],
        idleTimeout: idleSeconds,
        dropInvalidHeaderFields: true,
        desyncMitigationMode: 'defensive',
        enableDeletionProtection: stack.protect,
      },
      this.mine,
    );
    this.query = this.#targets(setting, 'query', place.vpcId);
    this.indexer = this.#targets(setting, 'indexer', place.vpcId);
    const loadBalancerArn = this.loadBalancer.arn;
    this.listener = new lb.Listener(
      names.of('other', 'https'),
      {
        loadBalancerArn,
        port: 443,
        protocol: 'HTTPS',
        sslPolicy: tls,
        certificateArn: this.#certificate(setting),
        defaultActions: [{ type: 'forward', targetGroupArn: this.query.arn }],
      },
      this.mine,
    );
    new lb.ListenerRule(
      names.of('other', 'indexer'),
      {
        listenerArn: this.listener.arn,
        priority: 10,
        conditions: [{ hostHeader: { values: [stack.domain.indexer] } }],
        actions: [{ type: 'forward', targetGroupArn: this.indexer.arn }],
      },
      this.mine,
    );
    const redirect = { port: '443', protocol: 'HTTPS', statusCode: 'HTTP_301' };
    new lb.Listener(
      names.of('other', 'http'),
      { loadBalancerArn, port: 80, protocol: 'HTTP', defaultActions: [{ type: 'redirect', redirect }] },
      this.mine,
    );
    for (const role of ['query', 'indexer'] as const) this.#name(setting, role);
    this.registerOutputs({ loadBalancer: loadBalancerArn });
  }

  #group({ names }: Setting, vpcId: pulumi.Input<string>, cluster: Cluster): SecurityGroup {
    const name = names.of('other', 'balancer');
    const group = new SecurityGroup(name, { name, description: 'The load balancer: the world', vpcId }, this.mine);
    const reach = { fromPort: ports.query, toPort: ports.indexer };
    const world = [80, 443].map((fromPort) => ({ what: `web-${fromPort}`, fromPort, peer: anyone }));
    const tasks = { what: 'tasks', ...reach, peer: { referencedSecurityGroupId: cluster.group.id } };
    open(group, name, { in: world, out: [tasks] }, this.mine);
    const requests = { what: 'balancer', ...reach, peer: { referencedSecurityGroupId: group.id } };
    open(cluster.group, names.of('other', 'workers'), { in: [requests] }, this.mine);
    return group;
  }

  #targets({ names }: Setting, role: 'query' | 'indexer', vpcId: pulumi.Input<string>): lb.TargetGroup {
    const name = names.of('targets', role);
    return new lb.TargetGroup(
      name,
      {
        name,
        vpcId,
        port: ports[role],
        protocol: 'HTTP',
        targetType: 'ip',
        deregistrationDelay: drainSeconds,
        healthCheck: { path: '/health/basic', matcher: '200', interval: 15, timeout: 5, unhealthyThreshold: 3 },
      },
      this.mine,
    );
  }

  /** @returns its ARN once it is valid */
  #certificate({ names, stack }: Setting): pulumi.Output<string> {
    const { zoneId, query, indexer } = stack.domain;
    const name = names.of('other', 'certificate');
    const hosts = [query, indexer];
    const certificate = new acm.Certificate(
      name,
      { domainName: query, subjectAlternativeNames: [indexer], validationMethod: 'DNS' },
      this.mine,
    );
    const validationRecordFqdns = hosts.map((host) => {
      // Their order is not that of the names.
      const option = certificate.domainValidationOptions.apply((all) =>
        all.find(({ domainName }) => domainName === host),
      );
      return new route53.Record(
        `${name}-${host}`,
        {
          zoneId,
          name: option.apply((found) => found?.resourceRecordName ?? ''),
          type: option.apply((found) => found?.resourceRecordType ?? 'CNAME') as pulumi.Output<'CNAME'>,
          records: [option.apply((found) => found?.resourceRecordValue ?? '')],
          ttl: 300,
        },
        this.mine,
      ).fqdn;
    });
    const validated = { certificateArn: certificate.arn, validationRecordFqdns };
    return new acm.CertificateValidation(name, validated, this.mine).certificateArn;
  }

  #name({ names, stack }: Setting, role: 'query' | 'indexer'): void {
    const { dnsName: name, zoneId } = this.loadBalancer;
    const aliases = [{ name, zoneId, evaluateTargetHealth: true }];
    const record = { zoneId: stack.domain.zoneId, name: stack.domain[role], type: 'A', aliases } as const;
    new route53.Record(names.of('other', `${role}-name`), record, this.mine);
  }
}
