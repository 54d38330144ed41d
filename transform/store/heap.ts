import { setFlagsFromString } from 'node:v8';

/**
 * Keeps V8 from enlarging the part of its heap in which objects are made. Little is made there: documents pass through as
 * bytes, outside of it. V8 would enlarge it all the same, by a hundred megabytes that belong to DuckDB. To be
 * called once, where the process is a transform worker's alone.
 */
export function keepNurserySmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
