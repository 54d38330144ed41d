import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../core/runtime/ports.ts';

/** Turns of the event loop without anything in progress, after which nothing more happens by itself. */
const calmTurns = 3;
/** More in one go stand for a worker that is never done. */
const mostWakings = 50_000;
const patience = 60_000;

/** A process as far as time knows it. */
interface Timed {
  readonly name: string;
  readonly alive: boolean;
  /** by how many milliseconds its clock is ahead */
  readonly ahead: number;
  /** whether something goes on that ends by itself */
  readonly busy: boolean;
}

interface Sleeper {
  readonly at: number;
  readonly life: Timed;
  readonly wake: () => void;
}

/**
 * Time that passes only when a simulation lets it: whoever sleeps is woken at once when nobody has anything else to do.
 * So minutes of back-offs cost nothing, and what is done by whom in which order hardly depends on the machine.
 */
export class VirtualTime {
  #now = Date.parse('2026-01-01T00:00:00Z');
  #sleepers: Sleeper[] = [];
  readonly #lives = new Set<Timed>();
  #change = Promise.withResolvers<void>();
  readonly #patience: number;

  /** @param millis real ones after which what goes on is taken for something that never ends */
  constructor(millis = patience) {
    this.#patience = millis;
  }

  /** Every look at the clock is a millisecond later than the one before: ids that are made of it sort. */
  now(): number {
    return ++this.#now;
  }

  /** The clock of a process, right or wrong; how long it sleeps doesn't depend on that. It stands still when the process has died. */
  clock(life: Timed): Clock {
    return { now: () => this.now() + life.ahead, sleep: (millis, signal) => this.#sleep(life, millis, signal) };
  }

  /** Has the work of a process waited for. */
  watch(life: Timed): void {
    this.#lives.add(life);
  }

  forget(life: Timed): void {
    this.#lives.delete(life);
    this.#sleepers = this.#sleepers.filter((sleeper) => sleeper.life !== life);
  }

  /** Told whenever something ends for which somebody may wait. */
  changed(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }

  /** Waits until everybody sleeps, is held, or is dead. */
  async quiet(): Promise<void> {
    for (let calm = 0; calm < calmTurns; ) {
      if ([...this.#lives].some(({ busy }) => busy)) {
        calm = 0;
        await this.#nextChange();
      } else {
        calm = usesFiles() ? 0 : calm + 1;
        await turn();
      }
    }
  }

  async #nextChange(): Promise<void> {
    const { promise, reject } = Promise.withResolvers<never>();
    const busy = [...this.#lives].filter((life) => life.busy).map(({ name }) => name);
    const giveUp = (): void => reject(new Error(`What was asked for never ends: ${busy.join(', ')}`));
    const timer = setTimeout(giveUp, this.#patience);
    await Promise.race([this.#change.promise, promise]).finally(() => clearTimeout(timer));
  }

  /** Lets so many milliseconds pass, or fewer where a condition holds before. */
  async pass(millis: number, enough: () => boolean = () => false): Promise<void> {
    const until = this.#now + millis;
    for (let wakings = 0; ; wakings++) {
      await this.quiet();
      const next = enough() ? undefined : this.#next(until);
      if (next === undefined) break;
      if (wakings > mostWakings) throw new Error(`Somebody is never done: ${next.life.name} sleeps again and again`);
      this.#sleepers.splice(this.#sleepers.indexOf(next), 1);
      this.#now = Math.max(this.#now, next.at);
      next.wake();
    }
    if (!enough()) this.#now = Math.max(this.#now, until);
  }

  /** Lets time pass until something has ended, whatever its end. @throws Error where it takes too long */
  async until(work: Promise<unknown>, millis: number): Promise<boolean> {
    let ended = false;
    const end = (): void => {
      ended = true;
    };
    work.then(end, end);
    await this.pass(millis, () => ended);
    return ended;
  }

  #next(until: number): Sleeper | undefined {
    let next: Sleeper | undefined;
    for (const sleeper of this.#sleepers)
      if (sleeper.life.alive && sleeper.at <= until && (next === undefined || sleeper.at < next.at)) next = sleeper;
    return next;
  }

  #sleep(life: Timed, millis: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const abort = (): void => {
        this.#sleepers = this.#sleepers.filter((one) => one !== sleeper);
        reject(signal?.reason);
      };
      const wake = (): void => {
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      const sleeper = { at: this.#now + Math.ceil(millis), life, wake };
      this.#sleepers.push(sleeper);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }
}

/** Whether files are being opened, read, written or closed, which no process of the simulation is asked for. */
const usesFiles = (): boolean =>
  process.getActiveResourcesInfo().some((name) => /^(FS|FileHandle|CloseReq)/.test(name));
