import type * as ecs from '@pulumi/aws/ecs/index.js';
import type * as pulumi from '@pulumi/pulumi';
import { searchUsers } from '../../core/config/search-names.ts';
import { Concern, type Setting } from '../component.ts';
import { lookAtExports, useBucket, useKey, useReports, writeStream } from '../permissions/grants.ts';
import type { Statement } from '../permissions/policy.ts';
import { makeRole } from '../permissions/role.ts';
import type { Resources } from '../resources.ts';
import { masterUser, type OwnedDomain } from '../search.ts';
import type { Cluster } from './cluster.ts';
import { settingsWithoutSources } from './settings.ts';
import type { SettingsObject } from './settings-object.ts';
import { application, define, memberOf, storedSettings, type TaskParts, terraKeysOf } from './task.ts';

const size = { cpu: 256, memory: 1024 };

/** Tasks that an operator or a pipeline runs once in a while, with commands of the image. */
export class Errands extends Concern {
  /**
   * Run after each `pulumi up`: makes the users and roles of all stacks that use the domain, removes what others have left
   * in it, and switches automatic creation of indices off. Nothing of that has a resource in AWS's API. Null where the
   * domain is another stack's: its owner runs it.
   */
  readonly bootstrap: ecs.TaskDefinition | null;
  /** `lazuli status`, unless the run names another command: `dead-letters`, `reindex`, … */
  readonly operator: ecs.TaskDefinition;

  constructor(
    setting: Setting,
    { cluster, resources, settings }: { cluster: Cluster; resources: Resources; settings: SettingsObject },
    options: pulumi.ComponentResourceOptions,
  ) {
    super('Errands', setting, options);
    const { secrets, search } = resources;
    const parts: TaskParts = { setting, cluster, settings, options: this.mine };
    this.bootstrap = search.owned === undefined ? null : this.#bootstrap(parts, resources, search.owned);
    const taskRole = makeRole(setting, {
      what: 'operator',
      service: 'ecs-tasks.amazonaws.com',
      statements: [...operatorStatements(setting, resources), settings.reading],
      options: this.mine,
    });
    const { writer } = searchUsers(setting.names.stack);
    const writing = { ...storedSettings(parts), LAZULI_OPENSEARCH_USERNAME: writer };
    const operator = application(parts, 'operator', writing, {
      LAZULI_OPENSEARCH_PASSWORD: memberOf(search.users, 'writer'),
      LAZULI_HMAC_KEY: secrets.hmacKeyVersion,
      ...terraKeysOf('operator', setting),
    });
    this.operator = define('operator', size, [{ ...operator, command: ['status'] }], { ...parts, taskRole });
    this.registerOutputs({ operator: this.operator.arn });
  }

  /** It has a role to start it of its own: no other may read the master's password. */
  #bootstrap(parts: TaskParts, resources: Resources, owned: OwnedDomain): ecs.TaskDefinition {
    const { setting, cluster } = parts;
    const { users, usersKey } = resources.search;
    const all = [['LAZULI', users] as const, ...Object.entries(owned.tenants).map(ofTenant)];
    const passwords = all.flatMap(([prefix, secret]) => [
      [`${prefix}_WRITER_PASSWORD`, memberOf(secret, 'writer')],
      [`${prefix}_READER_PASSWORD`, memberOf(secret, 'reader')],
    ]);
    const read = { secrets: [owned.master, ...all.map(([, secret]) => secret)], keys: [usersKey] };
    const execution = cluster.executor(setting, 'bootstrap-execution', read, this.mine);
    const master = {
      LAZULI_SETTINGS: settingsWithoutSources(setting, resources),
      LAZULI_OPENSEARCH_USERNAME: masterUser,
    };
    const container = application(parts, 'bootstrap', master, {
      LAZULI_OPENSEARCH_PASSWORD: owned.master,
      ...Object.fromEntries(passwords),
    });
    const tenants = Object.keys(owned.tenants);
    const command = ['bootstrap', '--remove-others', ...(tenants.length === 0 ? [] : ['--tenant', ...tenants])];
    return define('bootstrap', size, [{ ...container, command }], { ...parts, execution });
  }
}

/** As `cli/commands/bootstrap.ts` finds a tenant's passwords. */
const ofTenant = ([tenant, secret]: readonly [string, pulumi.Input<string>]) =>
  [`LAZULI_${tenant.toUpperCase()}`, secret] as const;

/** What status takes, and redriving: a letter goes, a notification comes back, the manifest of a damaged batch goes. */
function operatorStatements({ stack }: Setting, resources: Resources): readonly Statement[] {
  const { streams, storage, coordination, keys } = resources;
  return [
    ...useBucket(storage.staging.arn, true),
    ...useBucket(storage.deadLetters.arn, true),
    writeStream(streams.notifications.arn),
    useReports(coordination.table.arn, false),
    ...lookAtExports(coordination.table.arn),
    useKey(keys.data.arn, stack.region, ['kinesis', 's3', 'dynamodb']),
  ];
}
