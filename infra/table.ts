import { Table } from '@pulumi/aws/dynamodb/index.js';
import type * as pulumi from '@pulumi/pulumi';
import { Concern, type Setting } from './component.ts';
import type { Keys } from './keys.ts';

/** Epochs, checkpoints and runs, told apart by the beginning of `key`, and within a kind by `name`. */
export class Coordination extends Concern {
  readonly table: Table;

  constructor(setting: Setting, { data }: Keys, options: pulumi.ComponentResourceOptions) {
    super('Coordination', setting, options);
    const name = setting.names.of('other', 'coordination');
    this.table = new Table(
      name,
      {
        name,
        billingMode: 'PAY_PER_REQUEST',
        hashKey: 'key',
        rangeKey: 'name',
        attributes: [
          { name: 'key', type: 'S' },
          { name: 'name', type: 'S' },
        ],
        pointInTimeRecovery: { enabled: true },
        serverSideEncryption: { enabled: true, kmsKeyArn: data.arn },
        deletionProtectionEnabled: setting.stack.protect,
      },
      this.kept(setting),
    );
    this.registerOutputs({ table: this.table.name });
  }
}
