import { setTimeout } from 'node:timers/promises';

/** A request, and what must be answered whatever happens: nothing that it is about changes. */
export interface Reading {
  readonly path: string;
  readonly answer: string;
}

/** Longer than any request may take (a gateway gives up after 29 s), on a machine that has much to do. */
const patience = 60_000;
const pauseMillis = 60;
const mostComplaints = 5;

/** What of an answer doesn't depend on other sources: all but the facets. @throws Error for what isn't one */
export async function answerOf(response: Response): Promise<string> {
  const { hits, pagination } = (await response.json()) as { hits: unknown; pagination: { total: number } };
  return JSON.stringify([hits, pagination.total]);
}

/** Several clients who ask a service for the same again and again: each answer is right, or says when to ask again. */
export class Callers {
  readonly #url: string;
  readonly #readings: readonly Reading[];
  readonly #clients: readonly Promise<void>[];
  #ended = false;
  answers = 0;
  refusals = 0;
  /** what was wrong, the first ones */
  readonly wrong: string[] = [];

  constructor(url: string, readings: readonly Reading[], clients: number) {
    this.#url = url;
    this.#readings = readings;
    this.#clients = Array.from({ length: clients }, (_, first) => this.#ask(first));
  }

  async end(): Promise<void> {
    this.#ended = true;
    await Promise.all(this.#clients);
  }

  async #ask(first: number): Promise<void> {
    for (let i = first; !this.#ended; i++) {
      const reading = this.#readings[i % this.#readings.length] as Reading;
      await this.#look(reading).catch((error: Error) => this.#complain(reading, String(error.cause ?? error)));
      await setTimeout(pauseMillis);
    }
  }

  async #look(reading: Reading): Promise<void> {
    const response = await fetch(this.#url + reading.path, { signal: AbortSignal.timeout(patience) });
    if (response.status === 503 && response.headers.has('Retry-After')) {
      await response.text();
      this.refusals++;
      return;
    }
    if (response.status !== 200) return this.#complain(reading, `${response.status} ${await response.text()}`);
    const found = await answerOf(response);
    this.answers++;
    if (found !== reading.answer) this.#complain(reading, found);
  }

  #complain({ path, answer }: Reading, found: string): void {
    if (this.wrong.length < mostComplaints)
      this.wrong.push(`${path}: ${found.slice(0, 1000)}, not ${answer.slice(0, 1000)}`);
  }
}
