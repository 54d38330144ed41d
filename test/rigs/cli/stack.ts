import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { clone } from '../../../cli/clone.ts';
import { type ProcessIdentity, processesOf } from '../../../cli/engines/identity.ts';

/** A `lazuli up` in a process of its own, as `npm start` runs it. */
export class Stack {
  readonly data: string;
  readonly #process: ChildProcess;
  readonly #closed: Promise<number | null>;
  #printed = '';
  #woken = Promise.withResolvers<void>();

  /**
   * @param env beside that of this process
   */
  constructor(data: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.data = data;
    const start = [join(clone, 'bin', 'start.js'), '--data', data, '--heap', '384', ...args];
    this.#process = spawn(process.execPath, start, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#printed += chunk.toString();
        this.#woken.resolve();
      });
    }
    this.#closed = new Promise((resolve) => this.#process.once('close', (code) => resolve(code)));
  }

  /** The exit code, once it has ended. */
  get ended(): Promise<number | null> {
    return this.#closed;
  }

  get printed(): string {
    return this.#printed;
  }

  /** @throws Error with all that was printed when it ended before */
  async printing(pattern: RegExp): Promise<void> {
    const ended = this.#closed.then(() => 'ended' as const);
    while (!pattern.test(this.#printed)) {
      if ((await Promise.race([this.#woken.promise, ended])) === 'ended' && !pattern.test(this.#printed)) {
        throw new Error(`it ended without ${pattern}:\n${this.#printed}`);
      }
      this.#woken = Promise.withResolvers();
    }
  }

  /** The process that owns the data folder, and those that it has started. */
  processes(): { readonly owner: ProcessIdentity; readonly children: readonly ProcessIdentity[] } {
    const { owner, mark } = this.#lock();
    return { owner, children: processesOf(mark) };
  }

  /** What the owner has started; nothing while nobody owns the data folder. */
  started(): readonly ProcessIdentity[] {
    try {
      return processesOf(this.#lock().mark);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }

  #lock(): { readonly owner: ProcessIdentity; readonly mark: string } {
    return JSON.parse(readFileSync(join(this.data, 'lock.json'), 'utf8'));
  }

  /** @returns the exit code */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    this.#process.kill(signal);
    return this.#closed;
  }

  /** Ends the process that owns the stack without giving it a chance. */
  async killOwner(): Promise<void> {
    process.kill(this.processes().owner.pid, 'SIGKILL');
    await this.#closed;
  }
}
