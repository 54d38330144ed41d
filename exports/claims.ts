import { byCodePoint } from '../core/config/text.ts';
import type { Job, Jobs } from '../core/exports/jobs.ts';
import type { Queued } from '../core/exports/queue.ts';
import { begun, lossesBefore, OwnAttempt } from './attempt.ts';

/** An attempt of another worker, as it was last seen. */
interface Watched {
  readonly place: Queued;
  readonly beat: number;
  /** looks since it has given a sign of life */
  readonly looks: number;
}

/**
 * Chooses what a worker does next. Among the callers who wait, the one for whom least is worked on comes first, then who
 * waits for longest. A worker that died is known by its record, which stays as it is over many looks: clocks of different
 * machines are not compared, nor is one believed that was set.
 */
export class Claims {
  readonly #jobs: Jobs;
  readonly #worker: string;
  readonly #lostLooks: number;
  /** attempts of other workers, by place */
  #watched = new Map<string, Watched>();

  /** @param lostLooks after as many looks without a sign of life an attempt is lost */
  constructor(jobs: Jobs, worker: string, lostLooks: number) {
    this.#jobs = jobs;
    this.#worker = worker;
    this.#lostLooks = lostLooks;
  }

  /** The next attempt for this worker; null where there is none. @param own those that it works on */
  async next(own: readonly OwnAttempt[]): Promise<OwnAttempt | null> {
    const mine = new Set(own.map(({ place }) => nameOf(place)));
    const places = distinct(await this.#jobs.queue.all()).filter((place) => !mine.has(nameOf(place)));
    const names = new Set(places.map(nameOf));
    this.#watched = new Map([...this.#watched].filter(([name]) => names.has(name)));
    const waiting = places.filter((place) => !this.#watched.has(nameOf(place)));
    const busy = [...own, ...this.#watched.values()].map(({ place }) => place.caller);
    for (const place of inTurn(waiting, busy)) {
      const claimed = await this.#claim(place);
      if (claimed !== null) return claimed;
      this.#watched.set(nameOf(place), { place, beat: -1, looks: 0 });
    }
    return null;
  }

  /** Looks at the attempts of other workers, and has those made anew whose workers died. */
  async watch(): Promise<void> {
    for (const [name, watched] of [...this.#watched]) {
      const { hash, number } = watched.place;
      const attempt = await this.#jobs.attempts.get(hash, number);
      const isOver = attempt !== 'damaged' && attempt?.end != null;
      if (isOver || (await this.#jobs.attempts.get(hash, number + 1)) !== null) {
        // Its worker died between two steps.
        await this.#jobs.queue.remove(hash, number);
        this.#watched.delete(name);
        continue;
      }
      const beat = attempt === 'damaged' || attempt === null ? -1 : attempt.beat;
      const looks = beat === watched.beat ? watched.looks + 1 : 0;
      if (looks >= this.#lostLooks) await this.#queueNext(watched.place);
      else this.#watched.set(name, { ...watched, beat, looks });
    }
  }

  /** The next attempt is queued before this place goes, so that the job is never without one. */
  async #queueNext(place: Queued): Promise<void> {
    const { hash, number } = place;
    if (!(await this.#jobs.queue.has(hash, number + 1))) await this.#jobs.queue.add({ ...place, number: number + 1 });
    await this.#jobs.queue.remove(hash, number);
  }

  async #claim(place: Queued): Promise<OwnAttempt | null> {
    const { hash, number } = place;
    const { attempts, queue } = this.#jobs;
    const job: Job | null = await this.#jobs.get(hash);
    if (job === null) {
      await queue.remove(hash, number);
      return null;
    }
    const record = begun(this.#worker, await lossesBefore(attempts, hash, number));
    if (!(await attempts.claim(hash, number, record))) return null;
    return new OwnAttempt(this.#jobs, job, place, record);
  }
}

const nameOf = ({ hash, number }: Queued): string => JSON.stringify([hash, number]);

/** Of several places of one attempt the first. */
function distinct(places: readonly Queued[]): readonly Queued[] {
  const byName = new Map<string, Queued>();
  for (const place of places) {
    const known = byName.get(nameOf(place));
    if (known === undefined || place.at < known.at) byName.set(nameOf(place), place);
  }
  return [...byName.values()];
}

/** Places in the order in which they are to be worked on. @param busy callers, once for each of their jobs that is worked on */
export function inTurn(places: readonly Queued[], busy: readonly string[]): readonly Queued[] {
  const load = (caller: string): number => busy.filter((one) => one === caller).length;
  return [...places].sort((a, b) => load(a.caller) - load(b.caller) || a.at - b.at || byCodePoint(a.hash, b.hash));
}
