import * as cloudwatch from '@pulumi/aws/cloudwatch/index.js';
import { SecurityGroup } from '@pulumi/aws/ec2/index.js';
import { Domain } from '@pulumi/aws/opensearch/index.js';
import * as pulumi from '@pulumi/pulumi';
import { Concern, type Setting } from './component.ts';
import type { OwnDomain } from './configuration.ts';
import type { Keys } from './keys.ts';
import type { Place } from './network.ts';
import { open } from './openings.ts';
import { policy } from './permissions/policy.ts';
import { keep, password } from './secrets.ts';

/** What a stack needs of a search domain, its own or another stack's. */
export interface SearchDomain {
  readonly endpoint: pulumi.Input<string>;
  /** name in CloudWatch */
  readonly domain: pulumi.Input<string>;
  /** ARN of the passwords of the stack's users: `{"writer": …, "reader": …}` */
  readonly users: pulumi.Input<string>;
  /** ARN of the key that encrypts them */
  readonly usersKey: pulumi.Input<string>;
  /** of a domain of one's own: what makes users, and for whom */
  readonly owned?: OwnedDomain;
}

/** What only the owner of a domain may know. */
export interface OwnedDomain {
  /** ARN of the password of the user `master` */
  readonly master: pulumi.Input<string>;
  /** ARNs of the passwords of the users of stacks that share the domain, by their names */
  readonly tenants: Readonly<Record<string, pulumi.Output<string>>>;
}

/** The user that makes all others. */
export const masterUser = 'master';
const tls = 'Policy-Min-TLS-1-2-PFS-2023-10';
const logs = { INDEX_SLOW_LOGS: 'index-slow', SEARCH_SLOW_LOGS: 'search-slow', ES_APPLICATION_LOGS: 'application' };

/** A search domain in the private subnets. Everything in it is derived: `lazuli reindex` makes it again. */
export class Search extends Concern implements SearchDomain {
  readonly endpoint: pulumi.Output<string>;
  readonly domain: pulumi.Output<string>;
  readonly users: pulumi.Output<string>;
  readonly usersKey: pulumi.Output<string>;
  readonly owned: OwnedDomain;

  constructor(setting: Setting, own: OwnDomain, keys: Keys, place: Place, options: pulumi.ComponentResourceOptions) {
    super('Search', setting, options);
    const { names, stack } = setting;
    const name = names.of('domain');
    const masterPassword = password(names.of('other', 'search-master'), this.mine);
    const group = new SecurityGroup(
      names.of('other', 'search'),
      {
        name: names.of('other', 'search'),
        description: 'The search domain: HTTPS from the VPC, also from stacks that share the domain',
        vpcId: place.vpcId,
      },
      this.mine,
    );
    const network = { what: 'network', fromPort: 443, peer: { cidrIpv4: stack.network.cidr } };
    open(group, names.of('other', 'search'), { in: [network] }, this.mine);
    const arn = `arn:aws:es:${stack.region}:${stack.account}:domain/${name}`;
    const subnetIds = pulumi.output(place.privateSubnetIds).apply((ids) => ids.slice(0, own.zones));
    const domain = new Domain(
      name,
      {
        domainName: name,
        engineVersion: own.version,
        clusterConfig: clusterOf(own),
        ebsOptions: { ebsEnabled: true, volumeType: 'gp3', volumeSize: own.volumeGiB },
        encryptAtRest: { enabled: true, kmsKeyId: keys.data.arn },
        nodeToNodeEncryption: { enabled: true },
        domainEndpointOptions: { enforceHttps: true, tlsSecurityPolicy: tls },
        vpcOptions: { subnetIds, securityGroupIds: [group.id] },
        // Who may do what is decided by fine-grained access, whose users IAM doesn't know.
        accessPolicies: policy([
          { Effect: 'Allow', Action: ['es:ESHttp*'], Principal: { AWS: '*' }, Resource: [`${arn}/*`] },
        ]),
        advancedSecurityOptions: {
          enabled: true,
          internalUserDatabaseEnabled: true,
          masterUserOptions: { masterUserName: masterUser, masterUserPassword: masterPassword },
        },
        advancedOptions: { 'rest.action.multi.allow_explicit_index': 'true' },
        logPublishingOptions: this.#logs(setting, keys),
        softwareUpdateOptions: { autoSoftwareUpdateEnabled: true },
      },
      this.kept(setting),
    );
    this.endpoint = pulumi.interpolate`https://${domain.endpoint}`;
    this.domain = domain.domainName;
    this.usersKey = keys.data.arn;
    this.users = this.#users(setting, keys, names.stack);
    this.owned = {
      master: keep(setting, keys, 'search/master', masterPassword, this.mine),
      tenants: Object.fromEntries(own.tenants.map((tenant) => [tenant, this.#users(setting, keys, tenant)])),
    };
    this.registerOutputs({ endpoint: this.endpoint });
  }

  /** Passwords of a stack's users. Those of stacks that share the domain are made here, so that they never see the master's. */
  #users(setting: Setting, keys: Keys, stack: string): pulumi.Output<string> {
    const of = (kind: string) => password(setting.names.of('other', `search-users-${stack}-${kind}`), this.mine);
    const text = pulumi.jsonStringify({ writer: of('writer'), reader: of('reader') });
    return keep(setting, keys, `search/users/${stack}`, text, this.mine);
  }

  #logs(setting: Setting, { data }: Keys) {
    const { names, stack } = setting;
    const groups = Object.entries(logs).map(([logType, what]) => {
      const name = `/lazuli/${names.stack}/search/${what}`;
      const shape = { name, kmsKeyId: data.arn, retentionInDays: stack.logDays };
      return { logType, group: new cloudwatch.LogGroup(names.of('other', `search-${what}`), shape, this.mine) };
    });
    const resource = new cloudwatch.LogResourcePolicy(
      names.of('other', 'search-logs'),
      {
        policyName: names.of('other', 'search-logs'),
        policyDocument: policy([
          {
            Effect: 'Allow',
            Action: ['logs:PutLogEvents', 'logs:CreateLogStream'],
            Principal: { Service: 'es.amazonaws.com' },
            Resource: groups.map(({ group }) => pulumi.interpolate`${group.arn}:*`),
            Condition: { StringEquals: { 'aws:SourceAccount': stack.account } },
          },
        ]),
      },
      this.mine,
    );
    return groups.map(({ logType, group }) => ({
      logType,
      enabled: true,
      // The domain is refused unless it may write there already.
      cloudwatchLogGroupArn: pulumi.all([group.arn, resource.id]).apply(([arn]) => arn),
    }));
  }
}

function clusterOf({ instanceType, nodes, zones, dedicatedMasters, dedicatedMasterType }: OwnDomain) {
  const masters =
    dedicatedMasters === 0
      ? {}
      : { dedicatedMasterEnabled: true, dedicatedMasterCount: dedicatedMasters, dedicatedMasterType };
  const spread =
    zones === 1 ? {} : { zoneAwarenessEnabled: true, zoneAwarenessConfig: { availabilityZoneCount: zones } };
  return { instanceType, instanceCount: nodes, ...spread, ...masters };
}
