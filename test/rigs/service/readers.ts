import { setTimeout } from 'node:timers/promises';
import { until } from '../until.ts';

/** A request that readers repeat, with what a generation answers to it, by the mark of its documents. */
export interface Reading {
  readonly path: string;
  readonly answer: (mark: string) => string;
}

/** A request of one reader. */
interface Sent {
  /** the place in history that this one must not be behind */
  readonly since: number;
  readonly reading: Reading;
}

/**
 * Readers who ask a service for the same things over and over, so many times a second whether or not it keeps up, and
 * look at every answer: it is one that a single generation gives, and none that had ceased to serve a second before the
 * request began, or whose successor had answered the same request already.
 */
export class Readers {
  readonly #url: string;
  readonly #readings: readonly Reading[];
  readonly #seen = new Map<Reading, number>();
  /** marks of the generations that have served, or are about to, one after the other */
  readonly #history: string[];
  readonly #flights = new Set<Promise<void>>();
  readonly #started = performance.now();
  readonly #loop: Promise<void>;
  /** when they did for certain, by their places in history */
  readonly #swapped: number[] = [Number.NEGATIVE_INFINITY];
  #ended = false;
  #sent = 0;
  /** what was wrong, the first ones */
  readonly wrong: string[] = [];

  /** @param mark of the generation that serves */
  constructor(url: string, readings: readonly Reading[], mark: string, perSecond: number) {
    this.#url = url;
    this.#readings = readings;
    this.#history = [mark];
    this.#loop = this.#ask(perSecond);
  }

  /** requests a second, from the beginning on */
  get rate(): number {
    return (this.#sent * 1000) / (performance.now() - this.#started);
  }

  /** Has another generation serve; done when every answer is from it. @param mark its own */
  async while(serve: () => Promise<void>, mark: string): Promise<void> {
    this.#history.push(mark);
    await serve();
    this.#swapped.push(performance.now());
    await until(() => this.#readings.every((one) => this.#seen.get(one) === this.#history.length - 1));
  }

  async end(): Promise<void> {
    this.#ended = true;
    await this.#loop;
    await Promise.all(this.#flights);
  }

  async #ask(perSecond: number): Promise<void> {
    while (!this.#ended) {
      const due = ((performance.now() - this.#started) * perSecond) / 1000;
      while (this.#sent < due && this.#flights.size < mostAtOnce) this.#send();
      await setTimeout(1000 / perSecond);
    }
  }

  #send(): void {
    const reading = this.#readings[this.#sent++ % this.#readings.length] as Reading;
    const known = performance.now() - rememberedMillis;
    const serving = this.#swapped.findLastIndex((swapped) => swapped < known);
    const sent = { reading, since: Math.max(serving, this.#seen.get(reading) ?? 0) };
    const flight = this.#look(sent)
      .catch((error: Error) => this.#complain(sent, String(error.cause ?? error)))
      .finally(() => this.#flights.delete(flight));
    this.#flights.add(flight);
  }

  async #look(sent: Sent): Promise<void> {
    const { reading, since } = sent;
    const response = await fetch(this.#url + reading.path, { headers: { 'Accept-Encoding': 'identity' } });
    if (response.status !== 200) return this.#complain(sent, `${response.status} ${await response.text()}`);
    // Texts may be escaped in another way than ours.
    const text = JSON.stringify(await response.json());
    const place = this.#history.findIndex((mark, i) => i >= since && reading.answer(mark) === text);
    if (place === -1) return this.#complain(sent, text);
    this.#seen.set(reading, Math.max(place, this.#seen.get(reading) ?? 0));
  }

  #complain({ reading, since }: Sent, found: string): void {
    const known = this.#history.map((mark) => `'${mark}'`).join(', ');
    const complaint = `${reading.path} after ${since} of ${known}: ${found.slice(0, 3000)}`;
    if (this.wrong.length < mostComplaints) this.wrong.push(complaint);
  }
}

/** For how long a service remembers which indices serve. Clocks are a little apart. */
const rememberedMillis = 1050;
/** More would say nothing new. */
const mostComplaints = 3;
/** What a service that can't keep up is spared. */
const mostAtOnce = 16;
