import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { cpuMillis, peakMegabytes } from './proc.ts';

/** What a process of its own does when it is asked: arguments and results are JSON. */
export type Methods = Readonly<Record<string, (argument: never) => Promise<unknown>>>;

/** A result with what it took, in seconds. */
export interface Timed<T> {
  readonly value: T;
  readonly seconds: number;
  /** of the process that was asked */
  readonly cpu: number;
}

const main = join(import.meta.dirname, '..', 'main.ts');

/** A process that does one part of a benchmark, so that CPU time and memory are that part's alone. */
export class Part<M extends Methods> {
  readonly #child: ChildProcess;
  readonly #kill: () => void;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#kill = () => child.kill('SIGKILL');
    process.prependOnceListener('exit', this.#kill);
  }

  /**
   * @param name of a file in `parts/`
   * @param core to be pinned to
   */
  static async start<M extends Methods>(name: string, core?: number): Promise<Part<M>> {
    const command = [process.execPath, ...process.execArgv, main, '--part', name];
    const [program = '', ...args] = core === undefined ? command : ['taskset', '-c', String(core), ...command];
    const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    await once(child, 'message');
    return new Part<M>(child);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get peakMegabytes(): number {
    return peakMegabytes(this.pid);
  }

  /** @throws Error that tells what went wrong there */
  async ask<K extends keyof M & string>(
    method: K,
    argument: Parameters<M[K]>[0],
  ): Promise<Timed<Awaited<ReturnType<M[K]>>>> {
    const cpu = cpuMillis(this.pid);
    const started = performance.now();
    const value = (await this.#answer({ method, argument })) as Awaited<ReturnType<M[K]>>;
    const seconds = (performance.now() - started) / 1000;
    return { value, seconds, cpu: (cpuMillis(this.pid) - cpu) / 1000 };
  }

  async stop(): Promise<void> {
    process.off('exit', this.#kill);
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.disconnect();
    await ended;
  }

  async #answer(question: { method: string; argument: unknown }): Promise<unknown> {
    const ended = new AbortController();
    const gone = once(this.#child, 'exit', { signal: ended.signal }).then(([code, signal]) => {
      throw new Error(`The process for ${question.method} ended by ${signal ?? `code ${code}`}`);
    });
    gone.catch(() => undefined); // it loses the race when all is well
    const answered = once(this.#child, 'message', { signal: ended.signal });
    answered.catch(() => undefined);
    this.#child.send(question as object);
    try {
      const [answer] = (await Promise.race([answered, gone])) as [{ value?: unknown; error?: string }];
      if (answer.error !== undefined) throw new Error(answer.error);
      return answer.value;
    } finally {
      ended.abort();
    }
  }
}

/** In the process of a part: answers until the process that started it is gone. */
export function answer(methods: Methods): void {
  process.on('message', ({ method, argument }: { method: string; argument: never }) => {
    const work = methods[method];
    const asked = work === undefined ? Promise.reject(new Error(`There is no method ${method}`)) : work(argument);
    asked.then(
      (value) => process.send?.({ value }),
      (error: Error) => process.send?.({ error: error.stack ?? error.message }),
    );
  });
  process.once('disconnect', () => process.exit(0));
  process.send?.('ready');
}
