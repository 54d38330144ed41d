import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';

/** What goes wrong with a request to OpenSearch. */
export type SearchFault =
  /** an answer in the place of the server's */
  | { readonly kind: 'answer'; readonly status: number }
  /** the connection is cut, before the server sees the request or after it has applied it */
  | { readonly kind: 'cut'; readonly when: 'before' | 'after' }
  | { readonly kind: 'delay'; readonly millis: number }
  /** 200, but some items of the bulk request fail, and the server never sees them */
  /** documents are others on their way, or lost where null is given; the answer says that all is well */
  | { readonly kind: 'alter'; readonly alter: (sent: Sent) => Sent['source'] | null }
  | { readonly kind: 'fail-items'; readonly status: number; readonly type: string; readonly fails: Fails };

/** A document of a bulk request: to which index it goes, and what it is. */
export interface Sent {
  readonly index: string;
  readonly source: Readonly<Record<string, unknown>>;
}

type Fails = (id: string, position: number) => boolean;

/** Applies a fault to requests whose path starts so, after letting `skip` pass, `times` times. */
export interface SearchRule {
  readonly path: string;
  readonly fault: SearchFault;
  readonly times?: number;
  readonly skip?: number;
}

/** A proxy before OpenSearch. Rules are tried in order; the first that applies counts. */
export interface SearchProxy {
  readonly url: string;
  /** @returns how often the rule was applied */
  add(rule: SearchRule): () => number;
  clear(): void;
  /** Requests go to another server from now on. */
  redirect(target: string): void;
  /** Connections are refused from now on. */
  refuse(): Promise<void>;
  accept(): Promise<void>;
  close(): Promise<void>;
}

interface Active {
  readonly rule: SearchRule;
  seen: number;
  applied: number;
}

export async function startSearchProxy(target: string): Promise<SearchProxy> {
  let rules: Active[] = [];
  let server = target;
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const exchange = { target: server, request, response, body: await readBody(request) };
    await answer(exchange, chooseFault(rules, request.url ?? ''));
  };
  const proxy = createServer((request, response) => {
    // Whoever hangs up, or a server that is gone, is a cut connection to the other side.
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
      server = to;
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

function chooseFault(rules: readonly Active[], path: string): SearchFault | null {
  for (const active of rules) {
    const { rule } = active;
    if (!path.startsWith(rule.path) || active.applied >= (rule.times ?? Number.POSITIVE_INFINITY)) continue;
    if (++active.seen <= (rule.skip ?? 0)) continue;
    active.applied++;
    return rule.fault;
  }
  return null;
}

interface Exchange {
  readonly target: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: Buffer;
}

async function answer(exchange: Exchange, fault: SearchFault | null): Promise<void> {
  const { response, body } = exchange;
  switch (fault?.kind) {
    case 'answer':
      return send(response, fault.status, JSON.stringify({ error: { reason: 'injected' }, status: fault.status }));
    case 'cut':
      if (fault.when === 'after') await forward(exchange, body);
      response.socket?.destroy();
      return;
    case 'delay':
      await setTimeout(fault.millis);
      return relay(exchange);
    case 'alter':
      return alterItems(exchange, fault.alter);
    case 'fail-items':
      return failItems(exchange, fault);
    default:
      return relay(exchange);
  }
}

async function relay(exchange: Exchange): Promise<void> {
  const { status, text } = await forward(exchange, exchange.body);
  send(exchange.response, status, text);
}

interface BulkAnswer {
  readonly errors: boolean;
  readonly items: { readonly index: object }[];
}

async function failItems(exchange: Exchange, fault: SearchFault & { kind: 'fail-items' }): Promise<void> {
  const { status, type, fails } = fault;
  const items = itemsOf(exchange.body);
  const passed = items.filter(({ id }, i) => !fails(id, i)).map(({ lines }) => lines);
  const { errors, items: answered } = passed.length === 0 ? nothing() : await bulk(exchange, passed.join(''));
  const all = items.map(({ id }, i) =>
    fails(id, i) ? { index: { _id: id, status, error: { type, reason: 'injected' } } } : answered.shift(),
  );
  const failed = passed.length < items.length;
  send(exchange.response, 200, JSON.stringify({ errors: errors || failed, items: all }));
}

async function alterItems(exchange: Exchange, alter: (SearchFault & { kind: 'alter' })['alter']): Promise<void> {
  const altered = itemsOf(exchange.body).flatMap(({ index, lines }) => {
    const [action, source = ''] = lines.split('\n');
    const document = alter({ index, source: JSON.parse(source) });
    return document === null ? [] : [`${action}\n${JSON.stringify(document)}\n`];
  });
  const answered = altered.length === 0 ? nothing() : await bulk(exchange, altered.join(''));
  send(exchange.response, 200, JSON.stringify(answered));
}

const nothing = (): BulkAnswer => ({ errors: false, items: [] });

async function bulk(exchange: Exchange, body: string): Promise<BulkAnswer> {
  return JSON.parse((await forward(exchange, Buffer.from(body))).text) as BulkAnswer;
}

function itemsOf(body: Buffer): { readonly id: string; readonly index: string; readonly lines: string }[] {
  const lines = body.toString().split('\n');
  const items: { id: string; index: string; lines: string }[] = [];
  for (let i = 0; i + 1 < lines.length; i += 2) {
    const { index } = JSON.parse(lines[i] ?? '') as { index: { _id: string; _index: string } };
    items.push({ id: index._id, index: index._index, lines: `${lines[i]}\n${lines[i + 1]}\n` });
  }
  return items;
}

async function forward({ target, request }: Exchange, body: Buffer): Promise<{ status: number; text: string }> {
  const { method = 'GET', url = '/', headers } = request;
  const init = body.length === 0 ? {} : { body: new Uint8Array(body) };
  const type = { 'Content-Type': headers['content-type'] ?? 'application/json' };
  const answered = await fetch(target + url, { method, headers: type, ...init });
  return { status: answered.status, text: await answered.text() };
}

function send(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(text);
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
