import { setFlagsFromString } from 'node:v8';

/** Percent by which the heap may grow over what lived when it was last marked. */
const growthPercent = 300;

/**
 * Has V8 mark the heap of this process less often. Little of the service lives long, so its heap is small, and V8, which
 * counts answers that are outside of it too, would look through everything once in some ten requests. To be called once,
 * where the process is the service's alone.
 */
export function markSeldom(): void {
  setFlagsFromString(`--heap-growing-percent=${growthPercent}`);
}
