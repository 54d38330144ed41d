import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';

/** What goes wrong with a request, whatever engine it is for. */
export type ConnectionFault =
  /** the connection is cut, before the engine sees the request or after it has applied it */
  | { readonly kind: 'cut'; readonly when: 'before' | 'after' }
  | { readonly kind: 'delay'; readonly millis: number }
  /** no more of the answer comes than its headers, or half of it; the engine has applied the request */
  | { readonly kind: 'stall'; readonly after: 'headers' | 'half' };

/** Applies a fault to some requests, after letting `skip` pass, `times` times. */
export interface InjectingRule<F> {
  readonly fault: F | ConnectionFault;
  readonly times?: number;
  readonly skip?: number;
}

/** A proxy before an engine. Rules are tried in order; the first that applies counts. */
export interface InjectingProxy<R> {
  readonly url: string;
  /** @returns how often the rule was applied */
  add(rule: R): () => number;
  clear(): void;
  /** Requests go to another server from now on. */
  redirect(target: string): void;
  /** Connections are refused from now on. */
  refuse(): Promise<void>;
  accept(): Promise<void>;
  close(): Promise<void>;
}

/** A request, and the ways to answer it. */
export interface Exchange {
  readonly body: Buffer;
  /** Asks the engine the same with another body. */
  readonly forward: (body: Buffer) => Promise<{ readonly status: number; readonly text: string }>;
  readonly send: (status: number, text: string) => void;
}

/** What tells the proxy of one engine from another's. */
export interface Injecting<F, R> {
  /** Told of every request. */
  readonly seen?: (request: IncomingMessage) => void;
  readonly applies: (rule: R, request: IncomingMessage) => boolean;
  /** Answers a request with a fault of the engine's own. */
  readonly inject: (exchange: Exchange, fault: F) => Promise<void>;
  /** headers of the request that the engine needs */
  readonly headers: readonly string[];
  /** of answers */
  readonly contentType: string;
}

interface Active<R> {
  readonly rule: R;
  seen: number;
  applied: number;
}

export async function startInjectingProxy<F extends { readonly kind: string }, R extends InjectingRule<F>>(
  target: string,
  injecting: Injecting<F, R>,
): Promise<InjectingProxy<R>> {
  let rules: Active<R>[] = [];
  let engine = target;
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const exchange: Exchange = {
      body: await readBody(request),
      forward: (body) => forward(engine, request, injecting.headers, body),
      send: (status, text) => response.writeHead(status, { 'Content-Type': injecting.contentType }).end(text),
    };
    injecting.seen?.(request);
    const fault: F | ConnectionFault | undefined = choose(rules, (rule) => injecting.applies(rule, request))?.fault;
    if (fault === undefined) return relay(exchange);
    if (isOfConnection(fault)) return disturb(exchange, response, fault);
    return injecting.inject(exchange, fault);
  };
  const proxy = createServer((request, response) => {
    // Whoever hangs up, or an engine that is gone, is a cut connection to the other side.
    handle(request, response).catch(() => response.socket?.destroy());
  });
  await listen(proxy, 0);
  const { port } = proxy.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    add(rule) {
      const active = { rule, seen: 0, applied: 0 };
      rules.push(active);
      return () => active.applied;
    },
    clear() {
      rules = [];
    },
    redirect(to) {
      engine = to;
    },
    refuse: () => close(proxy),
    accept: () => listen(proxy, port),
    close: () => (proxy.listening ? close(proxy) : Promise.resolve()),
  };
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

function choose<R extends InjectingRule<unknown>>(
  rules: readonly Active<R>[],
  applies: (rule: R) => boolean,
): R | undefined {
  for (const active of rules) {
    const { rule } = active;
    if (!applies(rule) || active.applied >= (rule.times ?? Number.POSITIVE_INFINITY)) continue;
    if (++active.seen <= (rule.skip ?? 0)) continue;
    active.applied++;
    return rule;
  }
  return undefined;
}

const isOfConnection = <F extends { readonly kind: string }>(fault: F | ConnectionFault): fault is ConnectionFault =>
  ['cut', 'delay', 'stall'].includes(fault.kind);

async function disturb(exchange: Exchange, response: ServerResponse, fault: ConnectionFault): Promise<void> {
  if (fault.kind === 'delay') {
    await setTimeout(fault.millis);
    return relay(exchange);
  }
  if (fault.kind === 'stall') {
    const { status, text } = await exchange.forward(exchange.body);
    response.writeHead(status).flushHeaders();
    if (fault.after === 'half') response.write(text.slice(0, text.length / 2));
    return;
  }
  if (fault.when === 'after') await exchange.forward(exchange.body);
  response.socket?.destroy();
}

async function relay({ forward, send, body }: Exchange): Promise<void> {
  const { status, text } = await forward(body);
  send(status, text);
}

async function forward(engine: string, request: IncomingMessage, names: readonly string[], body: Buffer) {
  const { method = 'GET', url = '/' } = request;
  const headers = names.flatMap((name) => {
    const value = request.headers[name];
    return value === undefined ? [] : [[name, String(value)] as [string, string]];
  });
  const init = body.length === 0 ? {} : { body: new Uint8Array(body) };
  const answered = await fetch(engine + url, { method, headers, ...init });
  return { status: answered.status, text: await answered.text() };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
