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
    const part = new Part<M>(child);
    await part.#next(`the start of ${name}`);
    return part;
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
    const answered = this.#next(question.method) as Promise<{ value?: unknown; error?: string }>;
    this.#child.send(question);
    const { value, error } = await answered;
    if (error !== undefined) throw new Error(error);
    return value;
  }

  /** @returns what it says next; rejects when it says nothing any more */
  async #next(what: string): Promise<unknown> {
    const settled = new AbortController();
    const said = once(this.#child, 'message', { signal: settled.signal });
    const gone = once(this.#child, 'exit', { signal: settled.signal }).then(([code, signal]) => {
      throw new Error(`The process for ${what} ended by ${signal ?? `code ${code}`}`);
    });
    for (const either of [said, gone]) either.catch(() => undefined); // one of them loses
    try {
      return (await Promise.race([said, gone]))[0];
    } finally {
      settled.abort();
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
