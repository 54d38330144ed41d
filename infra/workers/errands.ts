import type * as ecs from '@pulumi/aws/ecs/index.js';
import type * as pulumi from '@pulumi/pulumi';
import { searchUsers } from '../../config/search-names.ts';
import { Concern, type Setting } from '../component.ts';
import { useBucket, useKey, useReports, writeStream } from '../permissions/grants.ts';
import type { Statement } from '../permissions/policy.ts';
import { makeRole } from '../permissions/role.ts';
import type { Resources } from '../resources.ts';
import { masterUser } from '../search.ts';
import type { Cluster } from './cluster.ts';
import { application, define, type TaskParts } from './task.ts';

const size = { cpu: 256, memory: 1024 };

/** Tasks that an operator or a pipeline runs once in a while, with commands of the image. */
export class Errands extends Concern {
  /**
   * Run after each `pulumi up`: makes the stack's users and roles in the search domain and switches
   * automatic creation of indices off. Neither has a resource in AWS's API.
   */
  readonly bootstrap: ecs.TaskDefinition;
  /** `lazuli status`, unless the run names another command: `dead-letters`, `reindex`, … */
  readonly operator: ecs.TaskDefinition;

  constructor(
    setting: Setting,
    { cluster, resources, settings }: { cluster: Cluster; resources: Resources; settings: pulumi.Output<string> },
    options: pulumi.ComponentResourceOptions,
  ) {
    super('Errands', setting, options);
    const { secrets, search } = resources;
    const parts: TaskParts = { setting, cluster, settings, options: this.mine };
    const master = { LAZULI_SETTINGS: settings, LAZULI_OPENSEARCH_USERNAME: masterUser };
    const bootstrap = application(parts, 'bootstrap', master, {
      LAZULI_OPENSEARCH_PASSWORD: search.masterSecret,
      LAZULI_WRITER_PASSWORD: secrets.writer.arn,
      LAZULI_READER_PASSWORD: secrets.reader.arn,
    });
    this.bootstrap = define('bootstrap', size, [{ ...bootstrap, command: ['bootstrap'] }], parts);

    const taskRole = makeRole(setting, {
      what: 'operator',
      service: 'ecs-tasks.amazonaws.com',
      statements: operatorStatements(setting, resources),
      options: this.mine,
    });
    const { writer } = searchUsers(setting.names.stack);
    const writing = { LAZULI_SETTINGS: settings, LAZULI_OPENSEARCH_USERNAME: writer };
    const operator = application(parts, 'operator', writing, {
      LAZULI_OPENSEARCH_PASSWORD: secrets.writer.arn,
      LAZULI_HMAC_KEY: secrets.hmacKey.arn,
    });
    this.operator = define('operator', size, [{ ...operator, command: ['status'] }], { ...parts, taskRole });
    this.registerOutputs({ bootstrap: this.bootstrap.arn, operator: this.operator.arn });
  }
}

/** What status takes, and redriving: a letter goes, a notification comes back, the manifest of a damaged batch goes. */
function operatorStatements({ stack }: Setting, resources: Resources): readonly Statement[] {
  const { streams, storage, coordination, keys } = resources;
  return [
    ...useBucket(storage.staging.arn, true),
    ...useBucket(storage.deadLetters.arn, true),
    writeStream(streams.notifications.arn),
    useReports(coordination.table.arn, false),
    useKey(keys.data.arn, stack.region, ['kinesis', 's3', 'dynamodb']),
  ];
}
