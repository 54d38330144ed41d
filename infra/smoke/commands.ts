import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';
import { SmokeFailure } from './failure.ts';

/** Of one call; much longer than any takes. */
const callMillis = 120_000;
/** Of what one call prints. */
const maxBytes = 16 * 2 ** 20;

const execute = promisify(execFile);

/**
 * Runs a command of the path that prints JSON.
 *
 * @throws SmokeFailure where it fails, or prints something else
 */
export async function asked<T extends z.ZodType>(
  schema: T,
  command: 'aws' | 'pulumi',
  args: readonly string[],
): Promise<z.output<T>> {
  const shown = [command, ...args].join(' ');
  try {
    const { stdout } = await execute(command, args, { timeout: callMillis, maxBuffer: maxBytes });
    return schema.parse(JSON.parse(stdout));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new SmokeFailure(`'${shown}' gave no answer that can be read: ${reason}`, 'Run it by hand, and fix that.');
  }
}
