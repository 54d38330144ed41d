import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';

/** What goes wrong with a request. */
export type Fault =
  /** an answer in the place of the emulator's */
  | { readonly kind: 'error'; readonly status: number; readonly type: string }
  /** the connection is cut, before the emulator sees the request or after it has applied it */
  | { readonly kind: 'cut'; readonly when: 'before' | 'after' }
  | { readonly kind: 'delay'; readonly millis: number }
  /** the emulator gets only some entries of a PutRecords; the others fail with this code */
  | { readonly kind: 'fail-entries'; readonly code: string; readonly fails: (index: number) => boolean };

/** Applies a fault to requests of one operation, after letting `skip` pass, `times` times. */
export interface Rule {
  readonly operation: string;
  readonly fault: Fault;
  readonly times?: number;
  readonly skip?: number;
}

/** A proxy before the emulator. Rules are tried in order; the first that applies counts. */
export interface FaultProxy {
  readonly url: string;
  /** operations asked for so far, in order */
  readonly requests: readonly string[];
  /** @returns how often the rule was applied */
  add(rule: Rule): () => number;
  clear(): void;
  close(): Promise<void>;
}

interface Active {
  readonly rule: Rule;
  seen: number;
  applied: number;
}

export async function startFaultProxy(target: string): Promise<FaultProxy> {
  let rules: Active[] = [];
  const requests: string[] = [];
  const server = createServer(async (request, response) => {
    const body = await readBody(request);
    const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    requests.push(operation);
    await answer({ target, request, response, body }, chooseFault(rules, operation));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    add(rule) {
      const active = { rule, seen: 0, applied: 0 };
      rules.push(active);
      return () => active.applied;
    },
    clear() {
      rules = [];
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function chooseFault(rules: readonly Active[], operation: string): Fault | null {
  for (const active of rules) {
    const { rule } = active;
    if (rule.operation !== operation || active.applied >= (rule.times ?? Number.POSITIVE_INFINITY)) continue;
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

async function answer(exchange: Exchange, fault: Fault | null): Promise<void> {
  const { response, body } = exchange;
  switch (fault?.kind) {
    case 'error':
      return send(response, fault.status, JSON.stringify({ __type: fault.type, message: 'injected' }));
    case 'cut':
      if (fault.when === 'after') await forward(exchange, body);
      response.socket?.destroy();
      return;
    case 'delay':
      await setTimeout(fault.millis);
      return relay(exchange);
    case 'fail-entries':
      return failEntries(exchange, fault);
    default:
      return relay(exchange);
  }
}

async function relay(exchange: Exchange): Promise<void> {
  const { status, text } = await forward(exchange, exchange.body);
  send(exchange.response, status, text);
}

async function failEntries(exchange: Exchange, { code, fails }: Fault & { kind: 'fail-entries' }): Promise<void> {
  const asked = JSON.parse(exchange.body.toString()) as { Records: unknown[] };
  const passed = asked.Records.filter((_, index) => !fails(index));
  const results = passed.length === 0 ? [] : await putSome(exchange, { ...asked, Records: passed });
  const failed = { ErrorCode: code, ErrorMessage: 'injected' };
  const Records = asked.Records.map((_, index) => (fails(index) ? failed : results.shift()));
  const FailedRecordCount = asked.Records.length - passed.length;
  send(exchange.response, 200, JSON.stringify({ FailedRecordCount, Records }));
}

async function putSome(exchange: Exchange, request: object): Promise<unknown[]> {
  const { text } = await forward(exchange, Buffer.from(JSON.stringify(request)));
  return (JSON.parse(text) as { Records: unknown[] }).Records;
}

async function forward({ target, request }: Exchange, body: Buffer): Promise<{ status: number; text: string }> {
  const names = ['content-type', 'x-amz-target', 'x-amz-date', 'authorization'];
  const headers = Object.fromEntries(names.map((name) => [name, String(request.headers[name] ?? '')]));
  const answered = await fetch(target, { method: 'POST', headers, body: new Uint8Array(body) });
  return { status: answered.status, text: await answered.text() };
}

function send(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(text);
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
