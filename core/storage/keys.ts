import { LazuliError } from '../config/errors.ts';

const maxKeyBytes = 1024;
const maxSegmentBytes = 200;
const segmentPattern = /^[^./\\\0][^/\\\0]*$/;

/**
 * Checks the key of an object: segments between slashes, none of them empty or starting with a dot, so
 * that no key leaves its folder or hits a temporary file.
 *
 * @throws LazuliError `configuration_invalid`
 */
export function checkKey(key: string): string {
  if (Buffer.byteLength(key) <= maxKeyBytes && key.split('/').every(isSegment)) return key;
  throw invalid(key);
}

/**
 * Checks the beginning of a key: whole segments, then perhaps a part of one.
 *
 * @throws LazuliError `configuration_invalid`
 */
export function checkPrefix(prefix: string): string {
  const segments = prefix.split('/');
  const last = segments.pop() ?? '';
  if (segments.every(isSegment) && (last === '' || isSegment(last))) return prefix;
  throw invalid(prefix);
}

function isSegment(segment: string): boolean {
  return segmentPattern.test(segment) && Buffer.byteLength(segment) <= maxSegmentBytes;
}

function invalid(key: string): LazuliError {
  return new LazuliError('configuration_invalid', `${JSON.stringify(key)} can't be the key of an object.`, {
    remedy: `Use segments of 1 to ${maxSegmentBytes} bytes between slashes, none starting with a dot.`,
  });
}
