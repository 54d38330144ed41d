import { KinesisClient } from '@aws-sdk/client-kinesis';
import type { Environment } from '../config/environment.ts';
import type { Settings } from '../config/settings.ts';
import { clientOptions } from '../storage/aws.ts';

/**
 * A client of Kinesis: connections are kept, every request ends in bounded time (2 s to connect, 10 s
 * for an answer), and none is repeated by the SDK, because each caller has its own way to persist.
 */
export function createKinesisClient(
  { kinesis: { endpoint, region } }: { readonly kinesis: Pick<Settings['kinesis'], 'endpoint' | 'region'> },
  environment: Environment = process.env,
): KinesisClient {
  return new KinesisClient(clientOptions({ service: 'KINESIS', region, endpoint }, environment));
}
