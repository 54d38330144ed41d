import { indexPrefix, searchUsers } from '../../core/config/search-names.ts';

/** A request to OpenSearch that has the same effect however often it is made. */
export interface BootstrapRequest {
  readonly path: string;
  readonly body: object;
}

/** Passwords of a deployment's users. */
export interface Passwords {
  readonly writer: string;
  readonly reader: string;
}

/** Where the security plug-in has its users, roles and who has which. */
export const security = '/_plugins/_security/api';

/** Finding out which index is behind an alias, and what it says of itself: `read` doesn't allow that. */
const describing = ['indices:monitor/settings/get', 'indices:admin/get'];

/** What makes a search domain ready, whoever uses it: no indices come into being by a stray write. */
export const domainRequest: BootstrapRequest = {
  path: '/_cluster/settings',
  body: { persistent: { 'action.auto_create_index': 'false' } },
};

/**
 * What makes a search domain ready for a deployment: roles that reach indices and aliases of this
 * deployment only, and a user for each.
 */
export function deploymentRequests(deployment: string, passwords: Passwords): readonly BootstrapRequest[] {
  const patterns = [`${indexPrefix(deployment)}*`];
  const users = searchUsers(deployment);
  const permissions = {
    writer: {
      // How many copies of a shard there can be depends on how many nodes there are.
      cluster_permissions: ['cluster_composite_ops', 'cluster:monitor/main', 'cluster:monitor/health'],
      index_permissions: [{ index_patterns: patterns, allowed_actions: ['indices_all'] }],
    },
    reader: {
      cluster_permissions: ['cluster_composite_ops_ro', 'cluster:monitor/main'],
      index_permissions: [{ index_patterns: patterns, allowed_actions: ['read', ...describing] }],
    },
  };
  return (['writer', 'reader'] as const).flatMap((kind) => [
    { path: `${security}/roles/${users[kind]}`, body: permissions[kind] },
    { path: `${security}/internalusers/${users[kind]}`, body: { password: passwords[kind] } },
    { path: `${security}/rolesmapping/${users[kind]}`, body: { users: [users[kind]] } },
  ]);
}
