import { join } from 'node:path';
import { LazuliError } from '../../config/errors.ts';
import { Child, type ChildSpec, type Exit } from '../engines/child.ts';
import { wrongUsage } from '../output.ts';
import type { DataFolderLock } from './lock.ts';

/** A worker that ends more often than this is not started again. */
const maxRestarts = 5;
const restartMillis = 1000;

type Say = (line: string) => void;

/**
 * Looks after the processes of a stack: remembers them in the lock, starts a worker that died again,
 * and ends them in the opposite order of their start.
 */
export class Supervisor {
  /** Rejects when the stack can't go on. Never resolves. */
  readonly failed: Promise<never>;
  readonly #children = new Map<string, Child>();
  readonly #lock: DataFolderLock;
  readonly #say: Say;
  #fail: (error: Error) => void = () => {};
  #stopping = false;

  constructor(lock: DataFolderLock, say: Say) {
    this.#lock = lock;
    this.#say = say;
    this.failed = new Promise((_resolve, reject) => {
      this.#fail = reject;
    });
    // Whoever waits for it sees it too; without anyone waiting it must not end this process.
    this.failed.catch(() => {});
  }

  /** Remembers a process, so that it is ended with the stack, or by the next start. */
  track(child: Child): void {
    this.#children.set(child.spec.name, child);
    this.#lock.record(child.identity);
    // It was being started while the stack was asked to end.
    if (this.#stopping) child.kill();
    child.exited.then(() => {
      this.#forget(child);
      if (this.#children.get(child.spec.name) === child) this.#children.delete(child.spec.name);
    });
  }

  /** From now on the stack ends when this engine does. */
  relyOn(child: Child): void {
    this.#whenItEnds(child, () => this.#fail(ended(child)));
  }

  /** Starts a worker, and starts it again when it dies, after ever longer breaks. */
  async keep(spec: ChildSpec, restarts = 0): Promise<void> {
    const child = await Child.start(spec);
    this.track(child);
    this.#whenItEnds(child, (exit) => {
      if (exit.code === wrongUsage || restarts >= maxRestarts) return this.#fail(ended(child));
      const millis = restartMillis * 2 ** restarts;
      this.#say(`${ended(child).message}\nstarting it again in ${millis / 1000} s`);
      setTimeout(() => this.#again(spec, restarts + 1), millis);
    });
  }

  /** Ends everything. Resolves when nothing is left. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const child of [...this.#children.values()].reverse()) await child.stop();
  }

  /** One that stays in the lock is seen to have ended by whoever looks. */
  #forget({ identity, spec }: Child): void {
    try {
      this.#lock.forget(identity.pid);
    } catch (error) {
      this.#say(`${spec.name} has ended, which can't be noted: ${(error as Error).message}`);
    }
  }

  #again(spec: ChildSpec, restarts: number): void {
    if (this.#stopping) return;
    this.keep(spec, restarts).catch((error: Error) => this.#fail(error));
  }

  #whenItEnds(child: Child, unexpected: (exit: Exit) => void): void {
    child.exited.then((exit) => {
      if (!this.#stopping) unexpected(exit);
    });
  }
}

/** How to start a role of this program as a process of its own. */
export function roleSpec(role: string, args: readonly string[], logs: string): ChildSpec {
  return {
    name: role,
    command: process.execPath,
    args: [join(import.meta.dirname, '..', 'main.ts'), 'run', role, ...args],
    log: join(logs, `${role}.log`),
    channel: true,
  };
}

function ended(child: Child): LazuliError {
  const { code, signal } = child.exit ?? { code: null, signal: null };
  const how = signal === null ? `with code ${code}` : `by ${signal}`;
  return new LazuliError('unavailable', `${child.spec.name} ended ${how}. Its last lines:\n${child.tail()}`, {
    remedy: `Mend what they say (the whole log is ${child.spec.log}) and start again: nothing acknowledged is lost.`,
  });
}
