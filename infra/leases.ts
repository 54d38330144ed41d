import { Table } from '@pulumi/aws/dynamodb/index.js';
import type * as pulumi from '@pulumi/pulumi';
import { Concern, type Setting } from './component.ts';
import type { Keys } from './keys.ts';

/** The index of the leases' table; the name is the library's. */
const ownerIndex = 'LeaseOwnerToLeaseKeyIndex';

/**
 * The tables that ingest workers share by the Kinesis Client Library 3, as it would make them itself: so no worker may make,
 * change or destroy a table. They can be lost: the library then begins with the oldest record of the stream.
 */
export class Leases extends Concern {
  /** of shards; its name is the library's application */
  readonly shards: Table;
  /** of workers: which one leads, and how busy each is */
  readonly workers: readonly Table[];

  constructor(setting: Setting, { data }: Keys, options: pulumi.ComponentResourceOptions) {
    super('Leases', setting, options);
    const application = setting.names.of('other', 'ingest');
    const common = {
      billingMode: 'PAY_PER_REQUEST',
      serverSideEncryption: { enabled: true, kmsKeyArn: data.arn },
    };
    const text = (name: string) => ({ name, type: 'S' });
    const globalSecondaryIndexes = [
      { name: ownerIndex, hashKey: 'leaseOwner', rangeKey: 'leaseKey', projectionType: 'KEYS_ONLY' },
    ];
    this.shards = new Table(
      application,
      {
        ...common,
        ...{ name: application, hashKey: 'leaseKey', globalSecondaryIndexes },
        attributes: [text('leaseKey'), text('leaseOwner')],
      },
      this.mine,
    );
    const keys = { CoordinatorState: 'key', WorkerMetricStats: 'wid' };
    this.workers = Object.entries(keys).map(([what, hashKey]) => {
      const name = `${application}-${what}`;
      return new Table(name, { ...common, name, hashKey, attributes: [text(hashKey)] }, this.mine);
    });
    this.registerOutputs({ application: this.shards.name });
  }
}

/** @returns undefined where one task reads the notifications alone */
export function leasesOf(setting: Setting, keys: Keys, options: pulumi.ComponentResourceOptions): Leases | undefined {
  return setting.stack.roles.ingest.driver === 'kcl' ? new Leases(setting, keys, options) : undefined;
}
