import { join } from 'node:path';
import { LazuliError } from '../../core/config/errors.ts';
import { Child, type ChildSpec } from '../engines/child.ts';
import { wrongUsage } from '../output.ts';

/** While the stack starts, a worker that ends more often than this is not started again. */
const maxRestarts = 5;
const restartMillis = 1000;
/** the longest break; one that ran for longer than that begins with the shortest again */
const maxBreakMillis = 30_000;

type Say = (line: string) => void;

/**
 * Looks after the processes of a stack: starts a worker that died again, and ends them in the opposite order of their
 * start.
 */
export class Supervisor {
  /** Rejects when the stack can't go on. Never resolves. */
  readonly failed: Promise<never>;
  /** in the command line of all that it starts */
  readonly mark: string;
  readonly #children = new Map<string, Child>();
  readonly #say: Say;
  #fail: (error: Error) => void = () => {};
  #serving = false;
  #stopping = false;
  /** names of workers that are not to be started again */
  readonly #ended = new Set<string>();

  constructor(mark: string, say: Say) {
    this.mark = mark;
    this.#say = say;
    this.failed = new Promise((_resolve, reject) => {
      this.#fail = reject;
    });
    // Whoever waits for it sees it too; without anyone waiting it must not end this process.
    this.failed.catch(() => {});
  }

  /** Remembers a process, so that it is ended with the stack. */
  track(child: Child): void {
    this.#children.set(child.spec.name, child);
    // It was being started while the stack was asked to end.
    if (this.#stopping) child.kill();
    child.exited.then(() => {
      if (this.#children.get(child.spec.name) === child) this.#children.delete(child.spec.name);
    });
  }

  /** From now on the stack ends when this engine does. */
  relyOn(child: Child): void {
    child.exited.then(() => {
      if (!this.#stopping) this.#fail(ended(child));
    });
  }

  /** The stack has come up: from now on no worker that ends, however often, ends what the others do. */
  serving(): void {
    this.#serving = true;
  }

  /** Ends a worker for good. Resolves when it has ended. */
  async end(name: string): Promise<void> {
    this.#ended.add(name);
    await this.#children.get(name)?.stop();
  }

  /** Starts a worker, and starts it again when it dies, after ever longer breaks. */
  async keep(spec: ChildSpec): Promise<void> {
    this.#ended.delete(spec.name);
    await this.#start(spec, 0);
  }

  async #start(spec: ChildSpec, restarts: number): Promise<void> {
    const child = await Child.start(spec);
    const started = Date.now();
    this.track(child);
    child.exited.then(({ code }) => {
      const before = Date.now() - started > maxBreakMillis ? 0 : restarts;
      this.#restart(spec, { before, error: ended(child), hopeless: code === wrongUsage });
    });
  }

  /** Ends everything. Resolves when nothing is left. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const child of [...this.#children.values()].reverse()) await child.stop();
  }

  #restart(spec: ChildSpec, { before, error, hopeless }: Ending): void {
    if (this.#stopping || this.#ended.has(spec.name)) return;
    if (!this.#serving && (hopeless || before >= maxRestarts)) {
      this.#fail(error);
      return;
    }
    const millis = Math.min(maxBreakMillis, restartMillis * 2 ** before);
    this.#say(`${error.message}\nstarting it again in ${millis / 1000} s`);
    setTimeout(() => {
      if (this.#stopping || this.#ended.has(spec.name)) return;
      this.#start(spec, before + 1).catch((cause: Error) =>
        this.#restart(spec, { before: before + 1, error: notStarted(spec, cause), hopeless: false }),
      );
    }, millis);
  }
}

/** How a worker ended, or didn't start. */
interface Ending {
  /** how often it was started again before */
  readonly before: number;
  readonly error: LazuliError;
  /** it says itself that it can't start */
  readonly hopeless: boolean;
}

/**
 * How to start a role of this program as a process of its own.
 *
 * @param mark by which the process can be found
 * @param name tells it apart from others of its role, which write other logs
 */
export function roleSpec(role: string, args: readonly string[], logs: string, mark: string, name = role): ChildSpec {
  return {
    name,
    command: process.execPath,
    args: [join(import.meta.dirname, '..', 'main.ts'), 'run', role, ...args, '--mark', mark],
    log: join(logs, `${name}.log`),
    channel: true,
  };
}

function ended(child: Child): LazuliError {
  const { code, signal } = child.exit ?? { code: null, signal: null };
  const how = signal === null ? `with code ${code}` : `by ${signal}`;
  return new LazuliError('unavailable', `${child.spec.name} ended ${how}. Its last lines:\n${child.tail()}`, {
    remedy: `Fix what they say (the whole log is ${child.spec.log}) and start again: nothing acknowledged is lost.`,
  });
}

function notStarted({ name }: ChildSpec, cause: Error): LazuliError {
  return new LazuliError('unavailable', `${name} can't be started: ${cause.message}`, {
    remedy: 'Fix what that says and start again: nothing acknowledged is lost.',
    cause,
  });
}
