import * as pulumi from '@pulumi/pulumi';
import { LazuliError } from '../config/errors.ts';
import { deploy } from './deployment.ts';

/** The program that `pulumi up` runs. What it exports are the outputs of the stack. */
export const { image, queryUrl, indexerUrl, streams, buckets, deliveryStreams, table, services, shared, errands } =
  start();

function start(): ReturnType<typeof deploy> {
  try {
    return deploy(pulumi.getStack(), new pulumi.Config('lazuli').getObject('stack'));
  } catch (error) {
    if (!(error instanceof LazuliError)) throw error;
    // Shown without a stack trace.
    throw new pulumi.RunError(`${error.message}\nremedy: ${error.remedy}`);
  }
}
