import { once } from 'node:events';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import kinesalite, { type KinesaliteOptions } from 'kinesalite';
import { foreignness } from '../config/callers.ts';
import { LazuliError } from '../config/errors.ts';

/** for requests that are being worked on */
const closeMillis = 2_000;

/** Where and how the emulator runs; port 0 takes a free one. */
export interface EmulatorOptions extends KinesaliteOptions {
  readonly host?: string;
  readonly port?: number;
  /** by which it is asked, beside `localhost` and addresses */
  readonly names?: readonly string[];
}

/** A running emulator. */
export interface Emulator {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Starts an emulator of Kinesis in this process, on the loopback interface only unless told otherwise.
 *
 * One process at a time may have the folder of its data.
 *
 * @throws LazuliError `in_use` when the port is taken
 */
export async function startEmulator({
  host = '127.0.0.1',
  port = 0,
  names = [],
  ...options
}: EmulatorOptions = {}): Promise<Emulator> {
  const server = kinesalite({ createStreamMs: 0, deleteStreamMs: 0, updateStreamMs: 0, shardLimit: 100, ...options });
  const open = survive(server, new Set(names));
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (cause) {
    throw new LazuliError(
      'in_use',
      `The Kinesis emulator can't listen on ${host}:${port}: ${(cause as Error).message}`,
      {
        remedy: 'End the process that has the port, or choose another.',
        cause,
      },
    );
  }
  const { port: actual } = server.address() as AddressInfo;
  return { url: `http://${host}:${actual}`, close: () => close(server, open) };
}

/**
 * The emulator throws, which would end this process, when a client hangs up in the middle of a request,
 * and when it is closed while it works on one. It would also do what any page in a browser asks: none may.
 *
 * @param names of its own
 * @returns responses that are being worked on
 */
function survive(server: Server, names: ReadonlySet<string>): ReadonlySet<ServerResponse> {
  const open = new Set<ServerResponse>();
  const [handle] = server.listeners('request') as RequestListener[];
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (request.headers.origin !== undefined || foreignness(request.headers, names) !== null) {
      response.writeHead(403).end();
      return;
    }
    track(open, response);
    handle?.(request, response);
    request.removeAllListeners('error');
    request.on('error', () => response.end());
  });
  return open;
}

function track(open: Set<ServerResponse>, response: ServerResponse): void {
  const end = response.end;
  open.add(response);
  response.end = ((...args: Parameters<typeof end>) => {
    open.delete(response);
    return end.apply(response, args);
  }) as typeof end;
}

async function close(server: Server, open: ReadonlySet<ServerResponse>): Promise<void> {
  const deadline = Date.now() + closeMillis;
  while (open.size > 0 && Date.now() < deadline) await setTimeout(5);
  const closed = new Promise<void>((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()));
  });
  server.closeAllConnections();
  await closed;
}
