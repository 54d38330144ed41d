import { LazuliError } from '../../core/config/errors.ts';
import type { Run } from '../../core/runs/run.ts';
import type { Clock } from '../../core/runtime/ports.ts';
import type { EntityKey } from '../store/schema.ts';

/** Something that the owner of a catalog is asked to do between two steps. */
export interface Request extends Settle {
  readonly batches?: readonly string[];
  readonly entity?: EntityKey;
}

interface Settle<T = number> {
  readonly resolve: (result: T) => void;
  readonly reject: (reason: unknown) => void;
}

/** Never rejects: whoever asked learns of it. */
interface Task extends Pick<Settle, 'reject'> {
  readonly run: () => Promise<void>;
}

/** What others ask of the owner of a catalog, in the order in which they asked. */
export class Requests {
  #waiting: Request[] = [];
  #builds: Settle[] = [];
  readonly #tasks: Task[] = [];
  #wake: () => void = () => undefined;
  /** why nothing more is accepted */
  #closed: { readonly reason: unknown } | null = null;

  /** Resolves with the commit of the load. */
  load(batches: readonly string[]): Promise<number> {
    return this.#enqueue((settle) => this.#waiting.push({ ...settle, batches }));
  }

  touch(entity: EntityKey): Promise<number> {
    return this.#enqueue((settle) => this.#waiting.push({ ...settle, entity }));
  }

  build(): Promise<number> {
    return this.#enqueue((settle) => this.#builds.push(settle));
  }

  /** Has something done between two steps, once. Resolves with what it gives. */
  task<T>(work: () => Promise<T>): Promise<T> {
    return this.#enqueue<T>(({ resolve, reject }) => {
      this.#tasks.push({ run: () => work().then(resolve, reject), reject });
    });
  }

  get some(): boolean {
    return this.#waiting.length > 0;
  }

  /** Does what was asked for in this way by now; whoever asked learns when that fails. What comes meanwhile waits for the next step. */
  async doTasks(): Promise<void> {
    for (let left = this.#tasks.length; left > 0; left--) await this.#tasks.shift()?.run();
  }

  take(most: number): readonly Request[] {
    return this.#waiting.splice(0, most);
  }

  /** What was taken and couldn't be done comes first again. */
  putBack(requests: readonly Request[]): void {
    this.#waiting.unshift(...requests);
  }

  get buildsWanted(): number {
    return this.#builds.length;
  }

  /**
   * A run has ended: whoever wanted a build learns of it, unless it built none.
   *
   * @param count of those that asked first, whom a generation serves that was built
   */
  tellOf({ kind, state, failure }: Run, commit: number, count: number): void {
    if (kind === 'repair') return;
    if (state === 'succeeded') for (const { resolve } of this.#builds.splice(0, count)) resolve(commit);
    else {
      const code = state === 'unconfirmed' ? 'generation_unconfirmed' : 'generation_unverified';
      this.refuseBuilds(new LazuliError(code, failure ?? state));
    }
  }

  /**
   * Waits until something is asked for, at most so many milliseconds.
   *
   * @param running whether a run goes on, for which builds that were asked for wait, too
   */
  async wait(clock: Clock, millis: number, running: boolean): Promise<void> {
    if (this.some || (this.buildsWanted > 0 && !running) || this.#tasks.length > 0 || this.#closed) return;
    const woken = new AbortController();
    this.#wake = () => woken.abort();
    await clock.sleep(millis, woken.signal).catch((reason: unknown) => {
      if (!woken.signal.aborted) throw reason;
    });
  }

  refuseBuilds(reason: unknown): void {
    for (const { reject } of this.#builds.splice(0)) reject(reason);
  }

  /** Accepts nothing more; what waits stays, until it is done or abandoned. */
  close(reason: unknown): void {
    this.#closed = { reason };
    this.#wake();
  }

  /** Accepts nothing more, and rejects what waits. */
  abandon(reason: unknown): void {
    this.close(reason);
    const all = [...this.#waiting.splice(0), ...this.#builds.splice(0), ...this.#tasks.splice(0)];
    for (const { reject } of all) reject(reason);
  }

  #enqueue<T = number>(enqueue: (settle: Settle<T>) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(this.#closed.reason);
      enqueue({ resolve, reject });
      this.#wake();
    });
  }
}
