import { LazuliError } from '../config/errors.ts';
import type { Verdict } from './persist.ts';

/**
 * Why a request to Kinesis failed: `expired`: the iterator is too old; `throttled`; `unreachable`:
 * network, time-out, or the service's own failure; `missing`: no such stream or shard; `refused`:
 * anything else, where repeating the request as it is won't help for long.
 */
export type StreamFault = 'expired' | 'throttled' | 'unreachable' | 'missing' | 'refused';

const faultsByName: Readonly<Record<string, StreamFault>> = {
  ExpiredIteratorException: 'expired',
  ExpiredNextTokenException: 'expired',
  ProvisionedThroughputExceededException: 'throttled',
  LimitExceededException: 'throttled',
  KMSThrottlingException: 'throttled',
  ThrottlingException: 'throttled',
  TooManyRequestsException: 'throttled',
  ResourceNotFoundException: 'missing',
  InternalFailure: 'unreachable',
  InternalFailureException: 'unreachable',
  TimeoutError: 'unreachable',
};

/** Classifies an error thrown by the SDK, or the error code of one entry of a multi-record put. */
export function streamFault(error: unknown): StreamFault {
  const { name, code, status } = describeError(error);
  const known = faultsByName[name];
  if (known !== undefined) return known;
  if (status === 429) return 'throttled';
  if (status !== undefined && status >= 500) return 'unreachable';
  // An answer cut short or garbled on the way has no status and no name that the service gives.
  return isNetworkCode(code) || name === 'SyntaxError' ? 'unreachable' : 'refused';
}

function isNetworkCode(code: unknown): boolean {
  return typeof code === 'string' && !code.startsWith('ERR_INVALID_');
}

/** Reading goes on until it works; only what the service refuses outright is given up. */
export function readVerdict(error: unknown): Verdict {
  if (error instanceof LazuliError) return processorVerdict(error);
  return streamFault(error) === 'refused' ? 'bounded' : 'patient';
}

/** What a record processor's error asks for; what it didn't classify is tried a few times. */
export function processorVerdict(error: unknown): Verdict {
  if (!(error instanceof LazuliError)) return 'bounded';
  switch (error.disposition) {
    case 'pause':
    case 'retry':
      return 'patient';
    case 'fatal':
      return 'fatal';
    default:
      return 'bounded';
  }
}

/** A request to Kinesis that failed for good, as an error of the catalogue. */
export function streamUnavailable(stream: string, doing: string, cause: unknown): LazuliError {
  if (cause instanceof LazuliError) return cause;
  const { name, message } = describeError(cause);
  return new LazuliError('stream_unavailable', `Stream '${stream}': ${doing} failed: ${name}: ${message}`, {
    remedy: remedies[streamFault(cause)],
    cause,
  });
}

const remedies: Readonly<Record<StreamFault, string>> = {
  expired: 'Try again.',
  throttled: 'Try again later, or add shards to the stream.',
  unreachable: 'Check that the Kinesis endpoint is up and can be reached, then try again.',
  missing: 'Check the name of the stream and the region, or create the stream.',
  refused: 'Check credentials, permissions and region of the Kinesis client.',
};

function describeError(error: unknown): { name: string; message: string; code?: unknown; status?: number } {
  if (!(error instanceof Error)) return { name: String(error), message: String(error) };
  const { name, message, code, $metadata } = error as Error & {
    code?: unknown;
    $metadata?: { httpStatusCode?: number };
  };
  const status = $metadata?.httpStatusCode;
  return { name, message, ...(code === undefined ? {} : { code }), ...(status === undefined ? {} : { status }) };
}
