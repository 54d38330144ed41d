import * as s3 from '@pulumi/aws/s3/index.js';
import * as pulumi from '@pulumi/pulumi';
import { Concern, type Setting } from '../component.ts';
import { allow, type Statement } from '../permissions/policy.ts';
import type { Resources } from '../resources.ts';
import { settingsText } from './settings.ts';

/** No catalog's name begins with `_`. */
const key = '_settings/workers.json';

/** The settings of all tasks in the bucket of staged batches: what a task definition takes is too small for many sources. */
export class SettingsObject extends Concern {
  /**
   * Value of `LAZULI_SETTINGS_OBJECT`. It names a version: whatever somebody writes over it, tasks begin with what they were
   * deployed with, also those to which ECS goes back.
   */
  readonly address: pulumi.Output<string>;
  /** To read it, and no other object. */
  readonly reading: Statement;

  constructor(setting: Setting, resources: Resources, options: pulumi.ComponentResourceOptions) {
    super('Settings', setting, options);
    const { storage } = resources;
    const { staging } = storage;
    const object = new s3.BucketObjectv2(
      setting.names.of('other', 'settings'),
      { bucket: staging.bucket, key, content: settingsText(setting, resources), contentType: 'application/json' },
      // Before the bucket keeps versions and encrypts, there would be no version, in the clear.
      { ...this.mine, dependsOn: [storage] },
    );
    this.address = pulumi.interpolate`s3://${staging.bucket}/${key}?versionId=${object.versionId}`;
    this.reading = allow(['s3:GetObjectVersion'], [pulumi.interpolate`${staging.arn}/${key}`]);
    this.registerOutputs({ address: this.address });
  }
}
