import { LogGroup, LogStream } from '@pulumi/aws/cloudwatch/index.js';
import { FirehoseDeliveryStream } from '@pulumi/aws/kinesis/index.js';
import * as pulumi from '@pulumi/pulumi';
import { Concern, type Setting } from './component.ts';
import type { Keys } from './keys.ts';
import { useKey } from './permissions/grants.ts';
import { allow } from './permissions/policy.ts';
import { makeRole } from './permissions/role.ts';
import type { Storage } from './storage.ts';

/** How much Firehose collects, and for how long, before it writes an object. */
const buffering = { bufferingSize: 64, bufferingInterval: 300 };

/** Firehose to S3: all notifications, and a header of each dead letter. The letters themselves are objects. */
export class Archive extends Concern {
  readonly notifications: FirehoseDeliveryStream;
  readonly deadLetters: FirehoseDeliveryStream;

  constructor(setting: Setting, keys: Keys, storage: Storage, options: pulumi.ComponentResourceOptions) {
    super('Archive', setting, options);
    const { names, stack } = setting;
    const logs = new LogGroup(
      names.of('other', 'archive'),
      { name: `/lazuli/${names.stack}/archive`, kmsKeyId: keys.data.arn, retentionInDays: stack.logDays },
      this.mine,
    );
    const bucket = storage.archive.arn;
    const role = makeRole(setting, {
      what: 'archive',
      service: 'firehose.amazonaws.com',
      statements: [
        allow(['s3:PutObject', 's3:AbortMultipartUpload'], [pulumi.interpolate`${bucket}/*`]),
        allow(['s3:GetBucketLocation', 's3:ListBucket', 's3:ListBucketMultipartUploads'], [bucket]),
        useKey(keys.data.arn, stack.region, ['s3', 'firehose']),
        allow(['logs:PutLogEvents'], [pulumi.interpolate`${logs.arn}:*`]),
      ],
      options: this.mine,
    });
    const delivery = (what: string) => {
      const name = names.of('delivery', what);
      const stream = new LogStream(name, { name: what, logGroupName: logs.name }, this.mine);
      return new FirehoseDeliveryStream(
        name,
        {
          name,
          destination: 'extended_s3',
          serverSideEncryption: { enabled: true, keyType: 'CUSTOMER_MANAGED_CMK', keyArn: keys.data.arn },
          extendedS3Configuration: {
            bucketArn: bucket,
            roleArn: role.arn,
            ...buffering,
            compressionFormat: 'GZIP',
            prefix: `${what}/!{timestamp:yyyy/MM/dd}/`,
            errorOutputPrefix: `failed/${what}/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd}/`,
            kmsKeyArn: keys.data.arn,
            cloudwatchLoggingOptions: { enabled: true, logGroupName: logs.name, logStreamName: stream.name },
          },
        },
        this.mine,
      );
    };
    this.notifications = delivery('notifications');
    this.deadLetters = delivery('letters');
    this.registerOutputs({ notifications: this.notifications.name, deadLetters: this.deadLetters.name });
  }
}
