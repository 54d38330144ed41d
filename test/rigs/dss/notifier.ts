import { createHash, createHmac } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { until } from '../until.ts';
import type { Subscription } from './subscriptions.ts';

/** A callback that is to be delivered. */
interface Delivery {
  readonly subscription: Subscription;
  readonly payload: object;
}

/** A delivery that was given up, with the status of its last attempt; 0: no answer. */
export interface DeadDelivery extends Delivery {
  readonly status: number;
}

export interface NotifierParts {
  /** milliseconds before each attempt; after the last one a delivery is given up */
  readonly delays: readonly number[];
  readonly now: () => number;
}

const answerMillis = 60_000;

/** Delivers callbacks at least once, in no order, and some of them twice or never where a test wants that (specification, dss 4.3). */
export class Notifier {
  readonly #parts: NotifierParts;
  readonly dead: DeadDelivery[] = [];
  /** callbacks that are delivered twice, or never */
  duplicates = 0;
  lost = 0;
  /** milliseconds by which the header `Date` is off */
  skew = 0;
  #held: Delivery[] | null = null;
  #delivering = 0;
  readonly #stopped = new AbortController();

  constructor(parts: NotifierParts) {
    this.#parts = parts;
  }

  send(subscription: Subscription, payload: object): void {
    if (this.lost > 0) {
      this.lost--;
      return;
    }
    const times = this.duplicates > 0 ? 2 : 1;
    this.duplicates = Math.max(0, this.duplicates - 1);
    for (let i = 0; i < times; i++) this.#begin({ subscription, payload });
  }

  /** Keeps callbacks back until they are released. */
  hold(): void {
    this.#held ??= [];
  }

  /** Delivers what was kept back, one by one, in another order. */
  async release(order: (held: readonly object[]) => readonly object[] = (held) => held.toReversed()): Promise<void> {
    const held = this.#held ?? [];
    this.#held = null;
    for (const delivery of order(held)) await this.#deliver(delivery as Delivery);
  }

  /** Resolves when nothing is left to deliver. */
  idle(): Promise<void> {
    return until(() => this.#delivering === 0);
  }

  stop(): void {
    this.#stopped.abort();
  }

  #begin(delivery: Delivery): void {
    if (this.#held !== null) this.#held.push(delivery);
    else void this.#deliver(delivery);
  }

  async #deliver(delivery: Delivery): Promise<void> {
    this.#delivering++;
    try {
      let status = 0;
      for (const [attempt, delay] of this.#parts.delays.entries()) {
        await wait(delay, undefined, { signal: this.#stopped.signal });
        status = await this.#attempt(delivery, attempt);
        if (status >= 200 && status < 300) return;
      }
      this.dead.push({ ...delivery, status });
    } catch (error) {
      if (!this.#stopped.signal.aborted) throw error;
    } finally {
      this.#delivering--;
    }
  }

  async #attempt({ subscription, payload }: Delivery, attempt: number): Promise<number> {
    const { callback_url: url, method = 'POST' } = subscription;
    const { body, type } = await encoded(subscription, payload);
    const signed = signatureOf(subscription, body, new Date(this.#parts.now() + this.skew));
    const headers = { ...signed, 'Content-Type': type, 'X-dss-notify-attempt': String(attempt) };
    const signal = AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(answerMillis)]);
    const answer = await fetch(url, { method, headers, body, signal, redirect: 'manual' }).catch(() => null);
    await answer?.body?.cancel();
    return answer?.status ?? 0;
  }
}

async function encoded({ encoding, form_fields, payload_form_field }: Subscription, payload: object) {
  const json = JSON.stringify(payload);
  if (encoding !== 'multipart/form-data') return { body: new TextEncoder().encode(json), type: 'application/json' };
  const form = new FormData();
  for (const [name, value] of Object.entries(form_fields ?? {})) form.append(name, value);
  form.append(payload_form_field ?? 'payload', new Blob([json], { type: 'application/json' }));
  const coded = new Response(form);
  return { body: new Uint8Array(await coded.arrayBuffer()), type: coded.headers.get('content-type') ?? '' };
}

/** Headers that sign a callback (specification, dss 4.2); none without a secret. */
export function signatureOf(
  { uuid, hmac_secret_key: secret, hmac_key_id: id = `hca-dss:${uuid}` }: Subscription,
  body: Uint8Array,
  date: Date,
): Readonly<Record<string, string>> {
  if (secret === undefined) return {};
  const digest = `SHA-256=${createHash('sha256').update(body).digest('base64')}`;
  const signing = `date: ${date.toUTCString()}\ndigest: ${digest}`;
  const signature = createHmac('sha256', secret).update(signing).digest('base64');
  return {
    Date: date.toUTCString(),
    Digest: digest,
    Authorization: `Signature keyId="${id}",algorithm="hmac-sha256",headers="date digest",signature="${signature}"`,
  };
}
