import { Stream } from '@pulumi/aws/kinesis/index.js';
import type * as pulumi from '@pulumi/pulumi';
import { Concern, type Setting } from './component.ts';
import type { Keys } from './keys.ts';

/** The two streams of the pipeline. Their records are the way back: they are kept for `retentionHours`. */
export class Streams extends Concern {
  readonly notifications: Stream;
  readonly batches: Stream;

  constructor(setting: Setting, { data }: Keys, options: pulumi.ComponentResourceOptions) {
    super('Streams', setting, options);
    const { names, stack } = setting;
    const { shards, retentionHours } = stack.streams;
    const capacity =
      shards === undefined
        ? { streamModeDetails: { streamMode: 'ON_DEMAND' } }
        : { streamModeDetails: { streamMode: 'PROVISIONED' }, shardCount: shards };
    const stream = (what: string) => {
      const name = names.of('stream', what);
      const encryption = { encryptionType: 'KMS', kmsKeyId: data.arn };
      return new Stream(
        name,
        { name, retentionPeriod: retentionHours, ...capacity, ...encryption },
        this.kept(setting),
      );
    };
    this.notifications = stream('notifications');
    this.batches = stream('batches');
    this.registerOutputs({ notifications: this.notifications.name, batches: this.batches.name });
  }
}
