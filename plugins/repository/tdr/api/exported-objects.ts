import { type FileHandle, open } from 'node:fs/promises';
import { LazuliError } from '../../../../core/config/errors.ts';
import { fullJitter } from '../../../../core/runtime/backoff.ts';
import { systemClock } from '../../../../core/runtime/clock.ts';
import { inTime } from '../../../../core/runtime/deadline.ts';
import { errorCodeOf } from './failures.ts';
import type { Pacing } from './service.ts';

/** Brings exported objects to this machine, by signed URLs or by `gs://` paths. */
export interface ExportedObjects {
  /** whether it wants signed URLs */
  readonly isSigned: boolean;
  /**
   * @param where what the repository says of the object
   * @param file path of a file that isn't there yet
   * @returns bytes
   * @throws ObjectGone where it can't be had any more, LazuliError `repository_unavailable`
   */
  bring(where: string, file: string, maxBytes: number, signal: AbortSignal): Promise<number>;
}

/** The URL has expired, or the object was deleted: another export helps. */
export class ObjectGone extends Error {}

const attempts = 3;
const backoff = { baseMillis: 1_000, capMillis: 10_000 };
/** without any byte */
const stallMillis = 60_000;

/** What passes may pass by itself. */
class Interrupted extends Error {}

/** By signed URLs of one host, which are themselves the permission: nothing else is sent. */
export class SignedObjects implements ExportedObjects {
  readonly isSigned = true;
  readonly #storage: URL;
  readonly #pacing: Pacing;

  /** @param storage URL of Cloud Storage */
  constructor(storage: string, pacing: Pacing = {}) {
    this.#storage = new URL(storage);
    this.#pacing = pacing;
  }

  async bring(where: string, file: string, maxBytes: number, signal: AbortSignal): Promise<number> {
    const url = this.#checked(where);
    const { clock = systemClock } = this.#pacing;
    for (let failures = 1; ; failures++) {
      try {
        return await download(url, file, maxBytes, signal);
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof Interrupted)) throw error;
        if (failures === attempts) throw unavailable(error.message);
        await clock.sleep(fullJitter(failures, backoff), signal);
      }
    }
  }

  #checked(where: string): string {
    const url = URL.canParse(where) ? new URL(where) : null;
    const isOurs = url?.origin === this.#storage.origin && url.username === '' && url.password === '';
    if (url !== null && isOurs) return url.href;
    throw unavailable(`they are at ${url?.origin ?? 'no URL'}, and not at ${this.#storage.origin}`);
  }
}

async function download(url: string, file: string, maxBytes: number, signal: AbortSignal): Promise<number> {
  const ending = new AbortController();
  const both = AbortSignal.any([signal, ending.signal]);
  const inShort = <T>(work: () => Promise<T>): Promise<T> =>
    inTime({ clock: systemClock, millis: stallMillis, late: () => new Interrupted('they stall'), signal }, work);
  let written: FileHandle | undefined;
  try {
    const response = await inShort(() => fetch(url, { redirect: 'manual', signal: both }));
    if (response.status !== 200) throw refused(response.status);
    const reader = response.body?.getReader();
    written = await open(file, 'w', 0o600);
    let bytes = 0;
    for (;;) {
      const part = await inShort(async () => reader?.read());
      if (part?.value === undefined) return bytes;
      bytes += part.value.length;
      if (bytes > maxBytes) throw unavailable(`they have more than the ${maxBytes} bytes that there is room for`);
      await written.appendFile(part.value);
    }
  } catch (error) {
    if (error instanceof LazuliError || error instanceof ObjectGone || error instanceof Interrupted) throw error;
    if (isOfDisk(error)) throw unavailable(`they can't be written: ${errorCodeOf(error)}`);
    throw new Interrupted(errorCodeOf(error));
  } finally {
    ending.abort();
    await written?.close();
  }
}

function refused(status: number): Error {
  if ([400, 401, 403, 404, 410].includes(status)) return new ObjectGone(`Cloud Storage answers ${status}`);
  if (status === 429 || status >= 500) return new Interrupted(`Cloud Storage answers ${status}`);
  return unavailable(`Cloud Storage answers ${status}`);
}

const isOfDisk = (error: unknown): boolean =>
  ['ENOSPC', 'EACCES', 'EROFS', 'EIO', 'EDQUOT'].includes(String((error as NodeJS.ErrnoException).code));

const unavailable = (why: string): LazuliError =>
  new LazuliError('repository_unavailable', `The files of an exported snapshot can't be had: ${why}`, {
    remedy: 'Set `services.storage` and `scratchBytes` of the catalog right; ingest goes on by itself.',
  });
