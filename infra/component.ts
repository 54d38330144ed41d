import * as pulumi from '@pulumi/pulumi';
import type { StackConfiguration } from './configuration.ts';
import type { Names } from './names.ts';

/** What every concern gets. */
export interface Setting {
  readonly names: Names;
  readonly stack: StackConfiguration;
}

/** A concern: its resources are its children, so that the graph shows which belong together. */
export class Concern extends pulumi.ComponentResource {
  constructor(concern: string, { names }: Setting, options: pulumi.ComponentResourceOptions = {}) {
    super(`lazuli:infra:${concern}`, names.of('other', concern.toLowerCase()), {}, options);
  }

  protected get mine(): pulumi.CustomResourceOptions {
    return { parent: this };
  }

  /** For data: destroyed only after somebody lifted the protection. */
  protected kept({ stack }: Setting): pulumi.CustomResourceOptions {
    return { parent: this, protect: stack.protect, retainOnDelete: stack.protect };
  }
}
