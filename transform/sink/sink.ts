import { z } from 'zod';
import { LazuliError } from '../../core/config/errors.ts';
import type { Clock } from '../../core/runtime/ports.ts';
import { type BulkItem, bulkAnswer, bulkFilter, type StoredDocument, shown, storedDocuments } from './answers.ts';
import { actionOf, type BulkBody, bodyOf, itemsOf, sourceOf } from './body.ts';
import { outcomeOf, outcomeOfStored, superseded } from './outcome.ts';
import type { Pause } from './pause.ts';
import type { ClusterAnswer, SearchCluster } from './search-cluster.ts';

export interface SinkOptions {
  readonly cluster: SearchCluster;
  readonly clock: Clock;
  /** waits between attempts; milliseconds, by number of attempts so far */
  readonly backOff: (attempt: number) => number;
  /** told when writing stops and when it goes on, with null */
  readonly onPause: (pause: Pause | null) => void;
  /** Called when what is written to is not there: throws `superseded` where another worker has superseded it. */
  readonly onMissing: () => Promise<void>;
  /** ends waiting between attempts */
  readonly signal: AbortSignal;
}

/** A document that can never be written as it is. */
export interface DeadDocument {
  readonly index: string;
  readonly id: string;
  readonly code: 'document_too_large' | 'document_rejected';
  readonly reason: string;
}

/** Of an answer, or of items in it: the cluster is overrun, and half as many requests may be in flight. */
const tooManyRequests = 429;
/** Stands for a request that wasn't answered. */
const noAnswer = 0;
/** Of an item: its alias is gone. */
const notFound = 404;

/** What tells a document's content: each has one of these. */
const content = z
  .object({ _hash: z.unknown(), _deleted: z.unknown() })
  .partial()
  .refine(({ _hash, _deleted }) => _hash !== undefined || _deleted !== undefined);
type Content = StoredDocument<z.output<typeof content>>;

/**
 * Writes bulk bodies until every item is stored, stale or dead. What may succeed later is sent again,
 * that item alone, for as long as it takes: nothing is dropped because a cluster is down.
 */
export class Sink {
  readonly #options: SinkOptions;
  #pause: Pause | null = null;
  /** how many requests may be in flight: falls when the cluster is overrun and recovers slowly */
  readonly #gate: Gate;

  constructor(options: SinkOptions, concurrency: number) {
    this.#options = options;
    this.#gate = new Gate(concurrency);
  }

  get pause(): Pause | null {
    return this.#pause;
  }

  /**
   * @param version with which all items are sent
   * @returns the documents that can't be written
   * @throws LazuliError `superseded` when another worker owns the catalog now, `version_violated`
   *   when the index holds other content under the same version; the signal's reason when stopped
   */
  async write(body: BulkBody, version: number): Promise<readonly DeadDocument[]> {
    const dead: DeadDocument[] = [];
    let pending: BulkBody | null = body;
    for (let attempt = 0; pending !== null; attempt++) {
      if (attempt > 0) await this.#options.clock.sleep(this.#options.backOff(attempt), this.#options.signal);
      this.#options.signal.throwIfAborted();
      pending = await this.#attempt(pending, version, dead);
    }
    this.#resume();
    return dead;
  }

  /** @returns what is to be sent again */
  async #attempt(body: BulkBody, version: number, dead: DeadDocument[]): Promise<BulkBody | null> {
    const answer = await this.#send(body);
    if (answer.status === 413) return this.#tooLarge(body, version, dead);
    const items = itemsOf(body);
    const { data: answers } = bulkAnswer(items.map((item) => actionOf(item)._id)).safeParse(answer.body);
    if (answer.status !== 200 || answers === undefined) return this.#refused(body, answer);
    return this.#sort(items, version, answers, dead);
  }

  async #send({ bytes }: BulkBody): Promise<ClusterAnswer> {
    await this.#gate.enter();
    try {
      const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      return await this.#options.cluster.request('POST', '/_bulk', body, bulkFilter);
    } catch (error) {
      if (!(error instanceof LazuliError)) throw error;
      return { status: noAnswer, body: error.message };
    } finally {
      this.#gate.leave();
    }
  }

  /** Two halves have a better chance; a single document has none. */
  async #tooLarge(body: BulkBody, version: number, dead: DeadDocument[]): Promise<null> {
    const items = itemsOf(body);
    const [only] = items;
    if (items.length === 1 && only !== undefined) {
      const { _index, _id } = actionOf(only);
      dead.push({
        index: _index,
        id: _id,
        code: 'document_too_large',
        reason: 'The cluster takes no request of this size.',
      });
      return null;
    }
    const half = Math.ceil(items.length / 2);
    for (const part of [items.slice(0, half), items.slice(half)])
      dead.push(...(await this.write(bodyOf(part), version)));
    return null;
  }

  #refused(body: BulkBody, { status, body: answer }: ClusterAnswer): BulkBody {
    if (status === tooManyRequests) this.#gate.narrow();
    const untrue = status === 200 ? ', which is no answer to them' : '';
    const reason = `bulk requests are answered ${status}${untrue}: ${shown(answer)}`;
    this.#pauseFor(status === noAnswer ? String(answer) : reason);
    return body;
  }

  async #sort(
    items: readonly Uint8Array[],
    version: number,
    answers: readonly BulkItem[],
    dead: DeadDocument[],
  ): Promise<BulkBody | null> {
    const again: Uint8Array[] = [];
    const same: Uint8Array[] = [];
    for (const [i, item] of items.entries()) {
      const answer = answers[i];
      if (answer === undefined || answer.error === undefined) continue;
      const outcome = outcomeOf(answer, version);
      if (outcome.kind === 'same version') same.push(item);
      else if (outcome.kind === 'dead') dead.push(deadDocument(item, outcome.reason));
      else if (outcome.kind === 'superseded') throw superseded(outcome.reason);
      else if (outcome.kind === 'retry' || outcome.kind === 'pause') {
        again.push(item);
        this.#pauseFor(outcome.reason);
      }
    }
    // One answer says once that the cluster is overrun, of however many items.
    if (answers.some(({ status }) => status === tooManyRequests)) this.#gate.narrow();
    if (answers.every(({ error }) => error === undefined)) this.#gate.widen();
    if (answers.some(({ status }) => status === notFound)) await this.#options.onMissing();
    again.push(...(await this.#compareStored(same)));
    return again.length === 0 ? null : bodyOf(again);
  }

  /**
   * An equal version must have equal content (invariant 11): the request before was applied, its answer lost. What is
   * stored may be newer by now than what the conflict was about.
   *
   * @returns the items of which it can't be said at the moment
   */
  async #compareStored(items: readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
    if (items.length === 0) return [];
    const stored = await this.#stored(items);
    const again = items.filter((item, i) => !this.#isStored(item, stored[i] ?? null));
    if (again.length > 0 && stored.length > 0) this.#pauseFor('documents that are stored already are not found');
    return again;
  }

  /** @returns none where it can't be told at the moment */
  async #stored(items: readonly Uint8Array[]): Promise<readonly (Content | null)[]> {
    const places = items.map(actionOf).map(({ _index, _id }) => ({ _index, _id }));
    try {
      return await storedDocuments(this.#options.cluster, places, content);
    } catch (error) {
      if (!(error instanceof LazuliError)) throw error;
      this.#pauseFor(error.message);
      return [];
    }
  }

  #isStored(item: Uint8Array, stored: Content | null): boolean {
    const { _index, _id, version } = actionOf(item);
    const outcome = outcomeOfStored(stored, sourceOf(item), version);
    if (outcome.kind === 'superseded') throw superseded(outcome.reason);
    if (outcome.kind === 'violated') {
      throw new LazuliError(
        'version_violated',
        `The index holds other content under version ${version} of ${_index}/${_id}`,
        {
          remedy: 'Two workers wrote with one epoch. Stop both, then start one and run `lazuli reindex`.',
        },
      );
    }
    return outcome.kind !== 'retry';
  }

  #pauseFor(reason: string): void {
    if (this.#pause?.reason === reason) return;
    this.#pause = { code: 'index_unavailable', reason, since: this.#pause?.since ?? this.#options.clock.now() };
    this.#options.onPause(this.#pause);
  }

  #resume(): void {
    if (this.#pause === null) return;
    this.#pause = null;
    this.#options.onPause(null);
  }
}

function deadDocument(item: Uint8Array, reason: string): DeadDocument {
  const { _index, _id } = actionOf(item);
  return { index: _index, id: _id, code: 'document_rejected', reason };
}

/** Lets a number of requests through at a time; the number falls by half and rises by one. */
class Gate {
  readonly #most: number;
  #width: number;
  #inside = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(most: number) {
    this.#most = most;
    this.#width = most;
  }

  async enter(): Promise<void> {
    while (this.#inside >= this.#width) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#inside++;
  }

  leave(): void {
    this.#inside--;
    this.#waiting.shift()?.();
  }

  narrow(): void {
    this.#width = Math.max(1, Math.floor(this.#width / 2));
  }

  widen(): void {
    this.#width = Math.min(this.#most, this.#width + 1);
    this.#waiting.shift()?.();
  }
}
