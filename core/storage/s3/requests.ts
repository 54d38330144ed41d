import { S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import type { Environment } from '../../config/environment.ts';
import { LazuliError } from '../../config/errors.ts';
import { clientOptions } from '../aws.ts';

/** An object, or what objects' keys begin with. */
export interface InBucket {
  readonly bucket: string;
  readonly key: string;
}

interface Client {
  readonly region: string;
  readonly endpoint?: string | undefined;
  /** for one request */
  readonly answerMillis: number;
  /** absent: as other clients of AWS have it */
  readonly maxAttempts?: number;
}

/** A client of S3, or of an emulator, which has no host name for each bucket. */
export function s3Client({ maxAttempts, ...place }: Client, environment: Environment): S3Client {
  const options = clientOptions({ service: 'S3', ...place }, environment);
  const attempts = maxAttempts === undefined ? {} : { maxAttempts };
  return new S3Client({ ...options, ...attempts, forcePathStyle: place.endpoint !== undefined });
}

/** @throws LazuliError `staging_unavailable` where S3 refuses or doesn't answer, with what it threw as the cause */
export async function askS3<T>({ bucket, key }: InBucket, request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (cause) {
    const { name, message } = cause as Error;
    throw new LazuliError('staging_unavailable', `s3://${bucket}/${key}: ${name}: ${message}`, {
      remedy: 'Check that the bucket exists, that S3 can be reached, and that this process may use the bucket.',
      cause,
    });
  }
}

/** Whether S3 has said that there is no such object. A missing bucket is a 404, too, but no absent object. */
export const isAbsent = (error: unknown): boolean =>
  error instanceof S3ServiceException && ['NoSuchKey', 'NotFound'].includes(error.name);
