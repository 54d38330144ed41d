import type { SecurityGroup } from '@pulumi/aws/ec2/index.js';
import { SecurityGroupEgressRule, SecurityGroupIngressRule } from '@pulumi/aws/vpc/index.js';
import type * as pulumi from '@pulumi/pulumi';

/** Whom a security group lets through, by TCP. */
export interface Opening {
  /** ends the rule's name */
  readonly what: string;
  readonly fromPort: number;
  /** default: the first */
  readonly toPort?: number;
  /** addresses, members of a group, or a service of AWS by its list of addresses */
  readonly peer:
    | { readonly cidrIpv4: string }
    | { readonly referencedSecurityGroupId: pulumi.Input<string> }
    | { readonly prefixListId: pulumi.Input<string> };
}

/** Everyone. */
export const anyone = { cidrIpv4: '0.0.0.0/0' };

/**
 * Opens a group. Every rule is a resource of its own: rules that are written into a group, and others beside it, take turns
 * at removing each other.
 *
 * @param name of the group in the program
 */
export function open(
  { id: securityGroupId }: SecurityGroup,
  name: string,
  openings: { readonly in?: readonly Opening[]; readonly out?: readonly Opening[] },
  options: pulumi.CustomResourceOptions,
): void {
  const rule = ({ fromPort, toPort = fromPort, peer }: Opening) => ({
    ...{ securityGroupId, ipProtocol: 'tcp', fromPort, toPort },
    ...peer,
  });
  for (const one of openings.in ?? []) new SecurityGroupIngressRule(`${name}-from-${one.what}`, rule(one), options);
  for (const one of openings.out ?? []) new SecurityGroupEgressRule(`${name}-to-${one.what}`, rule(one), options);
}
