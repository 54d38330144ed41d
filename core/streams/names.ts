import { LazuliError } from '../config/errors.ts';

const namePattern = /^[a-zA-Z0-9_.-]{1,128}$/;

/**
 * Names of streams and shards as Kinesis allows them, without `.` and `..`, so that one can be the
 * name of a file.
 *
 * @throws LazuliError `configuration_invalid`
 */
export function checkName(kind: 'stream' | 'shard', name: string): string {
  if (!namePattern.test(name) || name === '.' || name === '..') {
    throw new LazuliError('configuration_invalid', `'${name}' can't be the name of a ${kind}.`, {
      remedy: 'Use 1 to 128 of the characters a-z, A-Z, 0-9, `_`, `.` and `-`.',
    });
  }
  return name;
}
