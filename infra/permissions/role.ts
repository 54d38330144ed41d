import * as iam from '@pulumi/aws/iam/index.js';
import * as pulumi from '@pulumi/pulumi';
import { boundaryArn } from '../account/boundary.ts';
import type { Setting } from '../component.ts';
import { policy, type Statement, trust } from './policy.ts';

/** Where a role is used: it belongs to its user in the graph. */
export interface RoleUse {
  /** ends the role's name */
  readonly what: string;
  readonly service: string;
  /** whether AWS documents that the service says for which account it takes the role; default: it does */
  readonly saysAccount?: boolean;
  readonly statements: readonly Statement[];
  readonly options: pulumi.CustomResourceOptions;
}

export interface MadeRole {
  readonly name: pulumi.Output<string>;
  /** known once the role may do what it is for: what takes it earlier is refused, or begins without permissions */
  readonly arn: pulumi.Output<string>;
}

/** A role with one policy of its own, below the permissions boundary: that of the account, unless the stack names another one. */
export function makeRole({ names, stack }: Setting, use: RoleUse): MadeRole {
  const { what, service, saysAccount = true, statements, options } = use;
  const name = names.of('role', what);
  const permissionsBoundary = stack.permissionsBoundary ?? boundaryArn(stack.account);
  // Nobody's service but ours, in this account, may use it (the confused deputy).
  const condition = { [saysAccount ? 'StringEquals' : 'StringEqualsIfExists']: { 'aws:SourceAccount': stack.account } };
  const role = new iam.Role(name, { name, assumeRolePolicy: trust(service, condition), permissionsBoundary }, options);
  const allowed = new iam.RolePolicy(name, { name, role: role.id, policy: policy(statements) }, options);
  return { name: role.name, arn: pulumi.all([role.arn, allowed.id]).apply(([arn]) => arn) };
}
