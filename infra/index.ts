import { dirname } from 'node:path';
import * as pulumi from '@pulumi/pulumi';
import { LazuliError } from '../core/config/errors.ts';
import { withCatalogs } from './catalogs-file.ts';
import { deploy } from './deployment.ts';

/** Where `Pulumi.yaml` and the files of the stacks are. */
const projectFolder = dirname(import.meta.dirname);

/** The program that `pulumi up` runs. What it exports are the outputs of the stack. */
export const { image, queryUrl, indexerUrl, streams, buckets, deliveryStreams, table, services, shared, errands } =
  start();

function start(): ReturnType<typeof deploy> {
  try {
    const input = new pulumi.Config('lazuli').getObject('stack');
    return deploy(pulumi.getStack(), withCatalogs(input, projectFolder));
  } catch (error) {
    if (!(error instanceof LazuliError)) throw error;
    // Shown without a stack trace.
    throw new pulumi.RunError(`${error.message}\nremedy: ${error.remedy}`);
  }
}
