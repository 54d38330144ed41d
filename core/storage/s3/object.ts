import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Environment } from '../../config/environment.ts';
import { clientOptions } from '../aws.ts';

/** for the whole object */
const answerMillis = 30_000;
/** A process that just begins has nobody who would ask again. */
const maxAttempts = 5;

/**
 * An object whose address is all that is known of it: `s3://bucket/key`, with `?versionId=…` for one version of it. Region
 * and endpoint are those of the environment, as the AWS SDK reads them.
 *
 * @throws Error that says what can't be read, and why
 */
export async function readObject(address: string, maxBytes: number, environment: Environment): Promise<Uint8Array> {
  const [, Bucket, Key, VersionId] = /^s3:\/\/([^/?]+)\/([^?]+)(?:\?versionId=([^&]+))?$/.exec(address) ?? [];
  if (Bucket === undefined || Key === undefined)
    throw new TypeError(`'${address}' is no address as s3://bucket/key?versionId=version`);
  const client = clientOf(environment);
  try {
    // No more than that is sent, one byte beside.
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key, VersionId, Range: `bytes=0-${maxBytes}` }));
    const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
    if (bytes.length > maxBytes) throw new RangeError(`it has more than ${maxBytes} bytes`);
    return bytes;
  } catch (cause) {
    const { name, message } = cause as Error;
    throw new Error(`${address}: ${name}: ${message}`, { cause });
  } finally {
    client.destroy();
  }
}

function clientOf(environment: Environment): S3Client {
  const { AWS_REGION, AWS_DEFAULT_REGION, AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL } = environment;
  const region = AWS_REGION ?? AWS_DEFAULT_REGION ?? 'us-east-1';
  const endpoint = AWS_ENDPOINT_URL_S3 ?? AWS_ENDPOINT_URL;
  const options = clientOptions({ service: 'S3', region, endpoint, answerMillis }, environment);
  // Emulators have no host name for each bucket.
  return new S3Client({ ...options, maxAttempts, forcePathStyle: endpoint !== undefined });
}
