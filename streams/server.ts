import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LazuliError } from '../config/errors.ts';

/** A server that listens. */
export interface Listening {
  /** without a slash at the end */
  readonly url: string;
  /** Takes no more requests, finishes those that it has, and cuts what takes too long. */
  stop(): Promise<void>;
}

const requestMillis = 30_000;
const stopMillis = 5_000;
const maxConnections = 1_000;

/** @throws LazuliError `in_use` when the port is taken or may not be had */
export async function listen(listener: RequestListener, host: string, port: number): Promise<Listening> {
  const server = createServer({ requestTimeout: requestMillis, headersTimeout: requestMillis }, listener);
  server.maxConnections = maxConnections;
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (cause) {
    throw new LazuliError('in_use', `Can't listen on ${host}:${port}: ${(cause as Error).message}`, {
      remedy: 'End the process that has the port, or configure another one.',
      cause,
    });
  }
  const { port: actual } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${actual}`,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), stopMillis);
      await closed;
      clearTimeout(timer);
    },
  };
}
