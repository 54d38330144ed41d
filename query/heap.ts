import { setFlagsFromString } from 'node:v8';

/** Percent by which the heap may grow over what lived when it was last marked. */
const growthPercent = 300;

/**
 * Has V8 mark the heap of this process less often. Little of the service lives long, so its heap is small. V8 also
 * counts answers that are outside the heap, and would mark everything about once in ten requests. To be called once,
 * where the process is the service's alone.
 */
export function markSeldom(): void {
  setFlagsFromString(`--heap-growing-percent=${growthPercent}`);
}
