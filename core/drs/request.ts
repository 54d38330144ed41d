import { lookup as resolve } from 'node:dns';
import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { DrsHost } from '../config/drs-settings.ts';
import { LazuliError } from '../config/errors.ts';
import { systemClock } from '../runtime/clock.ts';
import { inTime } from '../runtime/deadline.ts';
import { isPublicAddress } from './addresses.ts';

const maxBytes = 2 ** 20;
/** Specification, service-api 1.5 */
const answerMillis = 5_000;

/** What a server answered, of whatever status. */
export interface DrsAnswer {
  readonly status: number;
  /** seconds; undefined where the server doesn't say */
  readonly retryAfter: number | undefined;
  readonly bytes: Uint8Array;
}

export interface DrsRequest {
  /** `name` or `name:port` */
  readonly host: string;
  readonly allowed: DrsHost;
  /** with its query */
  readonly path: string;
  /** the caller's own header; it leaves for hosts only that are configured for it */
  readonly authorization?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks a server once. It connects to an address that was checked and to no other, follows no redirect, and reads 1 MiB at most.
 *
 * @throws LazuliError `download_failed` for an address that it may not be, `unavailable` where no whole answer comes in time
 */
export async function askDrs({ host, allowed, path, authorization, signal }: DrsRequest): Promise<DrsAnswer> {
  const { hostname, port } = new URL(`${allowed.plain ? 'http' : 'https'}://${host}`);
  // Names are checked where they are resolved; addresses aren't resolved.
  if (isIP(hostname) !== 0) expectAllowed(hostname, allowed, host);
  const headers = {
    accept: 'application/json',
    ...(allowed.credentials && authorization !== undefined ? { authorization } : {}),
  };
  const options = { host: hostname, port, path, headers, agent: false, lookup: checkedLookup(allowed, host) };
  const late = () =>
    new LazuliError('unavailable', `No response from ${host} within ${answerMillis / 1000} seconds.`, {
      remedy: 'Try again later.',
    });
  return inTime({ clock: systemClock, millis: answerMillis, late, signal }, (told) => {
    const request = allowed.plain ? plainRequest : secureRequest;
    return new Promise<DrsAnswer>((done, failed) => {
      const refused = (cause: unknown) => failed(cause instanceof LazuliError ? cause : unreachable(host, cause));
      const sent = request({ ...options, signal: told }, (answer) => {
        contentOf(answer).then((bytes) => done({ ...headOf(answer), bytes }), refused);
      });
      sent.on('error', refused);
      sent.end();
    });
  });
}

/** The name is resolved once, and what it gave is what is connected to. */
function checkedLookup(allowed: DrsHost, host: string): LookupFunction {
  return (name, options, callback) => {
    resolve(name, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, []);
      try {
        for (const { address } of addresses) expectAllowed(address, allowed, host);
      } catch (refusal) {
        return callback(refusal as NodeJS.ErrnoException, []);
      }
      if (options.all === true) return callback(null, addresses);
      const [first] = addresses;
      return callback(null, first?.address ?? '', first?.family);
    });
  };
}

function expectAllowed(address: string, allowed: DrsHost, host: string): void {
  if (allowed.private || isPublicAddress(address)) return;
  throw new LazuliError('download_failed', `${host} has an address that is not of the public internet.`, {
    remedy: 'Operators: if it is a server of your own, set `private` for it in `drs.hosts` of the catalog.',
  });
}

const headOf = ({ statusCode = 0, headers }: IncomingMessage) => {
  const seconds = Number(headers['retry-after']);
  return { status: statusCode, retryAfter: Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined };
};

async function contentOf(answer: IncomingMessage): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    bytes += part.length;
    // Leaving the loop ends the connection.
    if (bytes > maxBytes) throw new Error(`it answers with more than ${maxBytes} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** What callers learn names no address. */
function unreachable(host: string, cause: unknown): LazuliError {
  return new LazuliError('unavailable', `${host} can't be asked.`, { remedy: 'Try again later.', cause });
}
