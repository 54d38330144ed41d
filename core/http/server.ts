import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type Koa from 'koa';
import { LazuliError } from '../config/errors.ts';
import { localUrl } from '../config/peers.ts';
import { Connections } from './connections.ts';
import { refuseMalformed, refuseTunnel } from './malformed.ts';
import type { RequestState } from './state.ts';

/** Where to listen, and for how long URLs. */
export interface Address {
  readonly host: string;
  /** 0: any free one */
  readonly port: number;
  /** longer ones may be refused before any middleware sees them */
  readonly urlBytes: number;
}

/** A server that listens. */
export interface Listening {
  /** for callers on the same host, without a slash at the end */
  readonly url: string;
  readonly port: number;
  /** Takes no more requests, finishes those in flight, and cuts what is left after a while. */
  stop(): Promise<void>;
}

/** How long clients may take. Milliseconds. */
export interface Patience {
  /** for the headers of a request */
  readonly headersTimeout: number;
  /** for a whole request */
  readonly requestTimeout: number;
  /** until the next request of a connection */
  readonly keepAliveTimeout: number;
  /** without sending or taking a byte, while a request is answered */
  readonly idleTimeout: number;
  /** between looks at who has taken too long */
  readonly lookTimeout: number;
  /** for requests in flight when the server stops */
  readonly graceTimeout: number;
}

const patience: Patience = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 65_000,
  idleTimeout: 60_000,
  lookTimeout: 2_000,
  graceTimeout: 20_000,
};
/** Headers beside the URL */
const headerBytes = 16 * 1024;
const maxConnections = 1_000;
/** Log, metrics and compression wait for the end of an answer: more than the number from which Node warns of leaks. */
const maxListeners = 20;

/** @throws LazuliError `in_use` when the port is taken, `configuration_invalid` when this user may not have it */
export async function listen(
  app: Koa<RequestState>,
  { host, port, urlBytes }: Address,
  { idleTimeout, lookTimeout, graceTimeout, ...timeouts }: Patience = patience,
): Promise<Listening> {
  const options = {
    ...{ ...timeouts, connectionsCheckingInterval: lookTimeout, maxHeaderSize: urlBytes + headerBytes },
    // What Node refuses itself has no body: that is for middleware.
    requireHostHeader: false,
  };
  const server = createServer(options);
  const connections = new Connections(server, maxConnections);
  const answer = app.callback();
  server.setTimeout(idleTimeout);
  server.on('clientError', refuseMalformed);
  server.on('connect', refuseTunnel);
  // What the caller expects may be ignored (RFC 9110, 10.1.1).
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  server.on('request', (_request, response) => {
    response.setMaxListeners(maxListeners);
    response.once('close', () => hangUp(server));
  });
  server.on('request', (request, response) => void connections.busy(request, () => answer(request, response)));
  const silent = silentSockets(server);
  await listening(server, host, port);
  const { port: actual } = server.address() as AddressInfo;
  return { url: localUrl(host, actual), port: actual, stop: () => stop(server, silent, graceTimeout) };
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(refused(host, port, cause)));
    // Who comes while the process is busy waits for it, and is not turned away.
    server.listen({ port, host, backlog: maxConnections }, () => resolve());
  });
}

function refused(host: string, port: number, cause: NodeJS.ErrnoException): LazuliError {
  if (cause.code === 'EADDRINUSE') {
    return new LazuliError('in_use', `Port ${port} on ${host} is taken.`, {
      remedy: 'Choose another port, or stop what listens there.',
      cause,
    });
  }
  return new LazuliError('configuration_invalid', `Can't listen on port ${port} of ${host}: ${cause.message}.`, {
    remedy: 'Choose an address of this machine, and a port that this user may listen on.',
    cause,
  });
}

/** Connections that have not asked anything yet, as browsers open them ahead. Node takes them for busy. */
function silentSockets(server: Server): ReadonlySet<Socket> {
  const silent = new Set<Socket>();
  server.on('connection', (socket) => {
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
  });
  server.on('request', ({ socket }) => silent.delete(socket));
  return silent;
}

function stop(server: Server, silent: ReadonlySet<Socket>, graceMillis: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), graceMillis);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
    for (const socket of silent) socket.destroy();
  });
}

/** A connection that was busy when the server began to stop would otherwise wait for another request. */
function hangUp(server: Server): void {
  if (!server.listening) setImmediate(() => server.closeIdleConnections());
}
