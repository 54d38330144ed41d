import { LazuliError } from '../../core/config/errors.ts';
import { attachedName } from '../../core/exports/file-names.ts';

/** A file that comes. */
export interface Download {
  /** to save it under, safe; null where nobody says */
  readonly name: string | null;
  /** null where nobody says */
  readonly bytes: number | null;
  /** its bytes, once. @throws LazuliError `unavailable` where they are not all that there are */
  readonly content: AsyncIterable<Uint8Array>;
}

const remedy = 'Run the command again: the manifest is kept, so it comes at once.';

/** Begins to download from a URL that says itself that one may. @throws LazuliError `unavailable` */
export async function openDownload(url: string, signal: AbortSignal): Promise<Download> {
  // Bytes are counted as they are. Node gives up on who sends nothing for five minutes.
  const headers = { 'accept-encoding': 'identity' };
  const answer = await fetch(url, { headers, signal }).catch((cause: unknown) => {
    signal.throwIfAborted();
    throw new LazuliError('unavailable', `The manifest can't be downloaded from ${new URL(url).origin}.`, {
      remedy,
      cause: (cause as Error).cause ?? cause,
    });
  });
  const { body } = answer;
  if (answer.status !== 200 || body === null) {
    await body?.cancel();
    const where = new URL(url).origin;
    throw new LazuliError('unavailable', `The manifest can't be downloaded: ${where} answered ${answer.status}.`, {
      remedy,
    });
  }
  const length = answer.headers.get('content-length');
  const bytes = length === null ? null : Number(length);
  return {
    name: attachedName(answer.headers.get('content-disposition') ?? ''),
    bytes,
    content: whole(body, bytes, signal),
  };
}

async function* whole(body: AsyncIterable<Uint8Array>, bytes: number | null, signal: AbortSignal) {
  let received = 0;
  try {
    for await (const chunk of body) {
      received += chunk.length;
      yield chunk;
    }
  } catch (cause) {
    signal.throwIfAborted();
    throw brokenOff(received, cause);
  }
  if (bytes !== null && received !== bytes) throw brokenOff(received);
}

const brokenOff = (received: number, cause?: unknown): LazuliError =>
  new LazuliError('unavailable', `The download broke off after ${received} bytes.`, { remedy, cause });
