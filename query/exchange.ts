import { Readable } from 'node:stream';
import type { Client } from '@opensearch-project/opensearch';
import { joined, release } from '../http/bytes.ts';
import { noAnswer } from './answers.ts';

/** A request to OpenSearch. */
export interface EngineRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly querystring?: Record<string, string>;
  readonly bulkBody?: Buffer;
}

/** What it answered, of whatever status. */
export interface EngineAnswer {
  readonly status: number;
  readonly bytes: Buffer<ArrayBuffer>;
}

/**
 * @param millis that it may take, up to the last byte of the answer
 * @throws LazuliError `unavailable` where no whole answer comes in time
 */
export async function exchange(
  { transport }: Pick<Client, 'transport'>,
  request: EngineRequest,
  millis: number,
): Promise<EngineAnswer> {
  const asked = transport.request(request, { requestTimeout: millis, maxRetries: 0, asStream: true });
  let giveUp = (): unknown => asked.abort();
  const whole = asked.then(async ({ body, statusCode }) => {
    if (!(body instanceof Readable)) throw new TypeError('The client gave no stream');
    giveUp = () => body.destroy();
    return { status: statusCode ?? 0, bytes: await contentOf(body) };
  });
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`No whole answer within ${millis} ms`)), millis);
  try {
    return await Promise.race([whole, late.promise]);
  } catch (error) {
    giveUp();
    throw noAnswer(error);
  } finally {
    clearTimeout(timer);
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
