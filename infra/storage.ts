import * as s3 from '@pulumi/aws/s3/index.js';
import type * as pulumi from '@pulumi/pulumi';
import { resultsFolder } from '../core/exports/objects.ts';
import { snapshotsFolder } from '../core/exports/snapshots.ts';
import { Concern, type Setting } from './component.ts';
import type { Keys } from './keys.ts';
import { policy, refusePlain, type Statement } from './permissions/policy.ts';

/** Days after which what an upload that was never finished has left is removed. */
const unfinishedDays = 1;

/** Where transform keeps copies of stores, see `transform/copies/layout.ts`: new ones replace them every hour or so. */
const copies = '_copies/';
/** What was deleted of what can be made again is gone so many days later. */
const volatileDays = 1;

/** What is below a prefix. */
interface Below {
  readonly prefix: string;
  /** after which it expires */
  readonly days?: number;
}

/** A bucket and when what is in it expires: never, unless `days` is given. */
interface Purpose {
  readonly what: string;
  readonly days?: number;
  /** what can be made again: when deleted, it is gone earlier than elsewhere */
  readonly volatile?: readonly Below[];
}

/** Buckets: encrypted, versioned, closed to the public, reached by TLS only. */
export class Storage extends Concern {
  /** staged batches: the truth, from which all else is derived */
  readonly staging: s3.Bucket;
  readonly deadLetters: s3.Bucket;
  /** notifications, and headers of dead letters, as Firehose writes them */
  readonly archive: s3.Bucket;

  constructor(setting: Setting, keys: Keys, options: pulumi.ComponentResourceOptions) {
    super('Storage', setting, options);
    this.staging = this.#bucket(setting, keys, { what: 'staging', volatile: volatileOf(setting) });
    this.deadLetters = this.#bucket(setting, keys, { what: 'letters' });
    this.archive = this.#bucket(setting, keys, { what: 'archive', days: setting.stack.storage.archiveDays });
    this.registerOutputs({ staging: this.staging.bucket });
  }

  #bucket(setting: Setting, { data }: Keys, { what, days, volatile = [] }: Purpose): s3.Bucket {
    const { names, stack } = setting;
    const name = names.of('other', what);
    // A bucket with anything in it, former versions too, can't be destroyed otherwise.
    const forceDestroy = !stack.protect;
    const made = new s3.Bucket(name, { bucket: names.bucket(what), forceDestroy }, this.kept(setting));
    const bucket = made.id;
    new s3.BucketPublicAccessBlock(
      name,
      { bucket, blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true },
      this.mine,
    );
    new s3.BucketOwnershipControls(name, { bucket, rule: { objectOwnership: 'BucketOwnerEnforced' } }, this.mine);
    const versioning = new s3.BucketVersioning(
      name,
      { bucket, versioningConfiguration: { status: 'Enabled' } },
      this.mine,
    );
    const byDefault = { sseAlgorithm: 'aws:kms', kmsMasterKeyId: data.arn };
    new s3.BucketServerSideEncryptionConfiguration(
      name,
      { bucket, rules: [{ applyServerSideEncryptionByDefault: byDefault, bucketKeyEnabled: true }] },
      this.mine,
    );
    new s3.BucketPolicy(name, { bucket, policy: policy([refusePlain(made.arn)] satisfies Statement[]) }, this.mine);
    const rules = [
      {
        id: 'unfinished-uploads',
        status: 'Enabled',
        filter: { prefix: '' },
        abortIncompleteMultipartUpload: { daysAfterInitiation: unfinishedDays },
      },
      {
        id: 'noncurrent-versions',
        status: 'Enabled',
        filter: { prefix: '' },
        noncurrentVersionExpiration: { noncurrentDays: stack.storage.noncurrentDays },
      },
      ...volatile.map(({ prefix, days: expires }) => ({
        id: `volatile ${prefix}`,
        status: 'Enabled',
        filter: { prefix },
        noncurrentVersionExpiration: { noncurrentDays: volatileDays },
        ...(expires === undefined ? {} : { expiration: { days: expires } }),
      })),
      ...(days === undefined
        ? []
        : [{ id: 'expiry', status: 'Enabled', filter: { prefix: '' }, expiration: { days } }]),
    ];
    new s3.BucketLifecycleConfiguration(name, { bucket, rules }, { ...this.mine, dependsOn: [versioning] });
    return made;
  }
}

/** Copies of stores, snapshots, of which transform deletes the old ones itself, and results of exports. */
const volatileOf = ({ stack: { catalogs, exports } }: Setting): readonly Below[] => [
  { prefix: copies },
  ...Object.keys(catalogs).map((catalog) => ({ prefix: snapshotsFolder(catalog) })),
  { prefix: resultsFolder, days: exports.resultDays },
];
