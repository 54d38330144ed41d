import { setFlagsFromString } from 'node:v8';

/** Percent by which the heap may grow over what lived when it was last marked. */
const growthPercent = 20;

/**
 * Has V8 keep little beyond what lives: documents and records pass through, and what is left of them would take hundreds of
 * megabytes that belong to DuckDB. To be called once, where the process is an export worker's alone.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString(`--heap-growing-percent=${growthPercent}`);
}
