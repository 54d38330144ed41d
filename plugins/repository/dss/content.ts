import { LazuliError } from '../../../core/config/errors.ts';
import { TooLong } from '../../../core/runtime/whole-body.ts';
import { sha256Of } from '../../../core/storage/digest.ts';
import type { ManifestFile } from './answers.ts';
import { type Exchanged, exchange, NoAnswer } from './exchange.ts';
import { isLoopback, isSafe } from './spec.ts';
import { retryAfterOf, type Store, type StoreRequest } from './store.ts';

/** How long a file may take to be made ready. */
const readyMillis = 90_000;
/** Seconds between two questions, whatever the store says. */
const rests = { first: 0.1, growth: 1.5, longest: 10, most: 30 };
/** how often a file is fetched anew that isn't as its manifest says */
const attempts = 3;
const contentMillis = 120_000;

/** Where the content of a file is, or after how many seconds to ask again, and where. */
export type Placed = { readonly url: string } | { readonly again: string; readonly seconds: number };

/** Reads an answer to `GET /files` (specification, dss 2). @throws NoAnswer */
export function placeOf(answer: Exchanged, store: Store): Placed {
  const placed = redirectionOf(answer);
  if ('again' in placed) return placed;
  const location = new URL(placed.url);
  // From https nothing leads to http, and from elsewhere nothing to this machine.
  const isLocal = isLoopback(new URL(store.url));
  if (!isSafe(location) || (isLoopback(location) && !isLocal)) throw new NoAnswer(`a file at ${location.origin}`);
  return placed;
}

/** The same, wherever the file is. @throws NoAnswer */
export function redirectionOf(answer: Exchanged): Placed {
  const { status, headers } = answer;
  const given = headers.get('location');
  const location = given === null ? null : URL.parse(given, answer.url);
  if (location === null) throw new NoAnswer(`status ${status} without a place`);
  if (status === 302) return { url: location.href };
  if (status === 301) return { again: location.href, seconds: retryAfterOf(answer) ?? rests.longest };
  throw new NoAnswer(`status ${status} for a file`);
}

export interface WantedContent {
  readonly store: Store;
  readonly replica: string;
  readonly file: ManifestFile;
}

/**
 * The content of a file, with the size and the SHA-256 that its manifest says.
 *
 * @throws LazuliError `bundle_invalid` where it has others, `unavailable` where it doesn't become ready; and as `Store.ask`
 */
export async function fetchContent(wanted: WantedContent, signal: AbortSignal): Promise<Uint8Array> {
  const { store, file } = wanted;
  for (let attempt = 1; ; attempt++) {
    const url = await readyUrl(wanted, signal);
    const outcome = await contentAt(url, file, signal);
    if ('bytes' in outcome) return outcome.bytes;
    if (attempt >= attempts) throw outcome.failure;
    await store.clock.sleep(rests.first * 1000 * attempt, signal);
  }
}

async function readyUrl({ store, replica, file }: WantedContent, signal: AbortSignal): Promise<string> {
  const { uuid, version, name } = file;
  const request = { path: `/files/${uuid}`, query: { replica, version } };
  return untilReady({ store, request, name, read: (answer) => placeOf(answer, store) }, signal);
}

export interface Readying {
  readonly store: Store;
  readonly request: StoreRequest;
  /** of the file, for messages */
  readonly name: string;
  /** throws NoAnswer */
  readonly read: (answer: Exchanged) => Placed;
}

/** Asks for a file until it is ready. @throws LazuliError `unavailable` where it doesn't become so, and as `Store.ask` */
export async function untilReady({ store, request, name, read }: Readying, signal: AbortSignal): Promise<string> {
  const giveUp = store.clock.now() + readyMillis;
  let placed = await store.ask(request, read, signal);
  for (let rest = rests.first; 'again' in placed; rest = Math.min(rest * rests.growth, rests.longest)) {
    const seconds = Math.min(Math.max(placed.seconds, rest), rests.most);
    if (store.clock.now() + seconds * 1000 > giveUp) throw neverReady(name);
    await store.clock.sleep(seconds * 1000, signal);
    placed = await store.askAt(placed.again, {}, read, signal);
  }
  return placed.url;
}

/** The URL is signed: neither it nor what is beside it gets a credential. */
async function contentAt(
  url: string,
  { name, size, sha256 }: ManifestFile,
  signal: AbortSignal,
): Promise<{ readonly bytes: Uint8Array } | { readonly failure: Error }> {
  try {
    const { status, bytes } = await exchange({ url, maxBytes: size, millis: contentMillis }, signal);
    if (status !== 200) return { failure: new NoAnswer(`status ${status} for the content of ${name}`) };
    if (bytes.length !== size) return { failure: damaged(name, `has ${bytes.length} bytes, not ${size}`) };
    const sum = await sha256Of(bytes);
    return sum === sha256.toLowerCase() ? { bytes } : { failure: damaged(name, `has SHA-256 ${sum}, not ${sha256}`) };
  } catch (error) {
    if (error instanceof TooLong) return { failure: damaged(name, `has more than ${size} bytes`) };
    if (error instanceof NoAnswer) return { failure: error };
    throw error;
  }
}

const damaged = (name: string, what: string): LazuliError =>
  new LazuliError('bundle_invalid', `File ${name} ${what}: its manifest says otherwise`, {
    remedy: 'Have the data store corrected, then redrive.',
  });

const neverReady = (name: string): LazuliError =>
  new LazuliError('unavailable', `The data store doesn't make file ${name} ready within ${readyMillis / 1000} s`, {
    remedy: 'Make sure that the data store can check files out, then redrive.',
  });
