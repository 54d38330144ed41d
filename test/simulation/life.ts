import type { VirtualTime } from './time.ts';

/** What a process asks of others: of OpenSearch, of the object store, of a stream. */
export type Reach = 'bulk' | 'search' | 'object' | 'stream' | 'repository';

/** Never to be heard of again. */
const silence = <T>(): Promise<T> => new Promise(() => undefined);

/**
 * A process of a simulation. It may die at any step, as by SIGKILL: what it has asked for still happens, but it doesn't
 * hear of it, and does nothing any more. It may be held: what it asks for doesn't arrive before it is let go, even if it
 * has died or was replaced meanwhile.
 */
export class Life {
  readonly name: string;
  readonly #time: VirtualTime;
  #alive = true;
  /** of what it asked for and didn't get yet, without what is held */
  #asked = 0;
  #death: { readonly point: string; hits: number } | null = null;
  /** what it may still ask for before it dies */
  #asksLeft = Number.POSITIVE_INFINITY;
  readonly #ended = Promise.withResolvers<void>();
  /** by how many milliseconds its clock is ahead of the others */
  ahead = 0;
  #holdAt: Reach | null = null;
  #held: PromiseWithResolvers<void> | null = null;

  constructor(name: string, time: VirtualTime) {
    this.name = name;
    this.#time = time;
    time.watch(this);
  }

  get alive(): boolean {
    return this.#alive;
  }

  get held(): boolean {
    return this.#held !== null;
  }

  /** Resolves when it dies. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** Whether something goes on that ends by itself. */
  get busy(): boolean {
    return this.#asked > 0;
  }

  /** It dies at the n-th time that it comes to a fault point. */
  dieAt(point: string, hits: number): void {
    this.#death = { point, hits };
  }

  /** It dies while it waits for the n-th thing that it asks for from now on: a statement, or something outside. */
  dieAfter(asks: number): void {
    this.#asksLeft = asks;
  }

  /** It doesn't any more. */
  spare(): void {
    this.#death = null;
    this.#asksLeft = Number.POSITIVE_INFINITY;
  }

  /** To be handed to workers as their fault points. */
  readonly fault = (point: string): void => {
    if (this.#death?.point !== point || --this.#death.hits > 0) return;
    this.kill();
    throw new Error(`${this.name} was killed at ${point}`);
  };

  kill(): void {
    this.#alive = false;
    this.#ended.resolve();
    this.#time.changed();
  }

  /** Its next request of a kind waits, and others that follow. */
  hold(at: Reach): void {
    this.#holdAt = at;
  }

  release(): void {
    this.#holdAt = null;
    this.#held?.resolve();
    this.#held = null;
  }

  /** Asks for something outside of the process. */
  async reach<T>(what: Reach, work: () => Promise<T>): Promise<T> {
    if (!this.#alive) return silence();
    if (this.#holdAt === what) {
      this.#held ??= Promise.withResolvers();
      this.#holdAt = null;
    }
    if (this.#held !== null) await this.#held.promise;
    return this.#ask(work);
  }

  /** A statement of its store. */
  statement<T>(work: () => Promise<T>): Promise<T> {
    return this.#alive ? this.#ask(work) : silence();
  }

  async #ask<T>(work: () => Promise<T>): Promise<T> {
    if (--this.#asksLeft <= 0) this.kill();
    this.#asked++;
    const outcome = await outcomeOf(work);
    this.#asked--;
    return this.#hear(outcome);
  }

  #hear<T>(outcome: Outcome<T>): T | Promise<T> {
    this.#time.changed();
    if (!this.#alive) return silence();
    if ('error' in outcome) throw outcome.error;
    return outcome.value;
  }
}

type Outcome<T> = { readonly value: T } | { readonly error: unknown };

async function outcomeOf<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    return { error };
  }
}
