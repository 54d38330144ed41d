import { spawn } from 'node:child_process';
import type { Packages } from './python.ts';
import { until } from './until.ts';

/** A program that serves on the loopback interface, and is killed with this process at the latest. */
export interface Served {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** URL that is answered once it serves */
  readonly endpoint: string;
  /** until then */
  readonly millis: number;
}

/** Starts it, and waits until it serves. @returns what ends it */
export async function startServed({ command, args, env = {}, endpoint, millis }: Served): Promise<AsyncDisposable> {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: 'ignore' });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const answers = () =>
    fetch(endpoint).then(
      () => true,
      () => false,
    );
  await until(answers, millis);
  return {
    async [Symbol.asyncDispose]() {
      process.removeListener('exit', kill);
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
    },
  };
}

/** What a suite needs that Python packages have. */
export interface Emulated<T> {
  /** installed at the first call */
  readonly packages: () => Packages;
  readonly start: (folder: string) => Promise<T>;
  /** for installing and starting */
  readonly millis?: number;
  /** whether tests are skipped, too, where Python is there and the packages can't be installed */
  readonly orSkip?: boolean;
}

/**
 * An emulator for the tests of a suite, which are skipped, saying so, where there is no Python. @returns it, once they run
 *
 * @throws Error where Python is there, and the emulator can't be installed, unless that may be
 */
export function useEmulated<T extends AsyncDisposable>({
  packages,
  start,
  millis,
  orSkip = false,
}: Emulated<T>): () => T {
  let running: T | undefined;
  before(async function () {
    if (millis !== undefined) this.timeout(millis);
    const found = packages();
    if ('missing' in found) {
      if (found.hasPython && !orSkip) throw new Error(found.missing);
      console.log(`      skipped: ${found.missing}`);
      return this.skip();
    }
    running = await start(found.folder);
  });
  after(() => running?.[Symbol.asyncDispose]());
  return () => {
    if (running === undefined) throw new Error('The emulator runs only while the tests do');
    return running;
  };
}
