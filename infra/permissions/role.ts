import * as iam from '@pulumi/aws/iam/index.js';
import type * as pulumi from '@pulumi/pulumi';
import type { Setting } from '../component.ts';
import { policy, type Statement, trust } from './policy.ts';

/** Where a role is used: it belongs to its user in the graph. */
export interface RoleUse {
  /** ends the role's name */
  readonly what: string;
  readonly service: string;
  readonly statements: readonly Statement[];
  readonly options: pulumi.CustomResourceOptions;
}

/** A role with one policy of its own, below the permissions boundary where the stack has one. */
export function makeRole({ names, stack }: Setting, { what, service, statements, options }: RoleUse): iam.Role {
  const name = names.of('role', what);
  const boundary = stack.permissionsBoundary === undefined ? {} : { permissionsBoundary: stack.permissionsBoundary };
  // Nobody's service but ours, in this account, may use it (the confused deputy).
  const condition = { StringEquals: { 'aws:SourceAccount': stack.account } };
  const role = new iam.Role(name, { name, assumeRolePolicy: trust(service, condition), ...boundary }, options);
  new iam.RolePolicy(name, { name, role: role.id, policy: policy(statements) }, options);
  return role;
}
