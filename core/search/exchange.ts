import { Readable } from 'node:stream';
import type { Client } from '@opensearch-project/opensearch';
import { joined, release } from '../http/bytes.ts';

/** A request to OpenSearch. */
export interface EngineRequest {
  readonly method: string;
  readonly path: string;
  readonly querystring?: Readonly<Record<string, string>>;
  /** sent as JSON */
  readonly body?: object;
  /** lines of JSON, sent as they are */
  readonly bulkBody?: Buffer;
}

/** What it answered, of whatever status. */
export interface EngineAnswer {
  readonly status: number;
  readonly bytes: Buffer<ArrayBuffer>;
}

/**
 * Asks OpenSearch once. What is late is given up, and so is its connection.
 *
 * @param millis that it may take, up to the last byte of the answer
 * @param signal aborts when nobody wants the answer any more: OpenSearch ends a search whose connection is closed
 * @throws Error that says why no whole answer came in time, or the reason of the signal
 */
export async function exchange(
  { transport }: Pick<Client, 'transport'>,
  { querystring, body, ...request }: EngineRequest,
  millis: number,
  signal?: AbortSignal,
): Promise<EngineAnswer> {
  signal?.throwIfAborted();
  const params = { ...request, querystring: { ...querystring }, ...(body === undefined ? {} : { body: { ...body } }) };
  const asked = transport.request(params, { requestTimeout: millis, maxRetries: 0, asStream: true });
  let giveUp = (): unknown => asked.abort();
  const whole = asked.then(async ({ body: stream, statusCode }) => {
    if (!(stream instanceof Readable)) throw new TypeError('The client gave no stream');
    giveUp = () => stream.destroy();
    return { status: statusCode ?? 0, bytes: await contentOf(stream) };
  });
  const givenUp = Promise.withResolvers<never>();
  const timer = setTimeout(() => givenUp.reject(new Error(`No whole answer within ${millis} ms`)), millis);
  const leave = () => givenUp.reject(signal?.reason);
  signal?.addEventListener('abort', leave, { once: true });
  try {
    return await Promise.race([whole, givenUp.promise]);
  } catch (error) {
    giveUp();
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', leave);
  }
}

/** As bytes: the client would decode, join and search what it reads before it parses it. */
const contentOf = (body: Readable): Promise<Buffer<ArrayBuffer>> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer<ArrayBuffer>[] = [];
    body
      .on('data', (chunk: Buffer<ArrayBuffer>) => chunks.push(chunk))
      .on('end', () => {
        resolve(joined(chunks));
        for (const chunk of chunks) release(chunk);
      })
      .on('error', reject);
  });
