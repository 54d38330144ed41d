import { createServer, type Server, STATUS_CODES } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type Koa from 'koa';
import { LazuliError } from '../config/errors.ts';
import { cors } from './http/headers.ts';
import type { RequestState } from './http/state.ts';

/** A server that listens. */
export interface Listening {
  readonly port: number;
  /** Takes no more requests, finishes those in flight, and cuts what is left after a while. */
  stop(): Promise<void>;
}

/** Slow clients get this long for headers and for a whole request. Milliseconds. */
const timeouts = { headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 65_000 };
/** So long requests in flight may take when the service stops. */
const graceMillis = 20_000;
/** Headers beside the URL */
const headerBytes = 16 * 1024;

/** @throws LazuliError `in_use` when the port is taken */
export async function listen(
  app: Koa<RequestState>,
  { host, port, urlBytes }: { host: string; port: number; urlBytes: number },
): Promise<Listening> {
  const server = createServer({ ...timeouts, maxHeaderSize: urlBytes + headerBytes }, app.callback());
  server.on('clientError', refuseMalformed);
  server.on('request', (_request, response) => response.once('close', () => hangUp(server)));
  await listening(server, host, port);
  return { port: (server.address() as AddressInfo).port, stop: () => stop(server) };
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'EADDRINUSE') return reject(cause);
      reject(
        new LazuliError('in_use', `Port ${port} on ${host} is taken.`, {
          remedy: 'Choose another port, or stop what listens there.',
          cause,
        }),
      );
    });
    server.listen(port, host, () => resolve());
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), graceMillis);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}

/** A connection that was busy when the service began to stop would otherwise wait for another request. */
function hangUp(server: Server): void {
  if (!server.listening) setImmediate(() => server.closeIdleConnections());
}

/** What Node refuses before any middleware sees it. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable) return;
  const [status, code] =
    error.code === 'HPE_HEADER_OVERFLOW' ? [413, 'PayloadTooLargeError'] : [400, 'BadRequestError'];
  const body = JSON.stringify({ Code: code, Message: 'The request is malformed or its URL and headers are too long.' });
  const headers = {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    Connection: 'close',
    ...cors,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', body].join('\r\n'));
}
