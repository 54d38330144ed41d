import {
  type ConnectionFault,
  type Exchange,
  type InjectingProxy,
  type InjectingRule,
  startInjectingProxy,
} from '../rigs/streams/injecting-proxy.ts';

/** What goes wrong beside connections. */
type Fault =
  /** an answer in the place of the server's */
  | { readonly kind: 'answer'; readonly status: number }
  /** an answer that is none, though the server may have done what it was asked for */
  | { readonly kind: 'body'; readonly when: 'before' | 'after'; readonly status: number; readonly text: string }
  /** documents are others on their way, or lost where null is given; the answer says that all is well */
  | { readonly kind: 'alter'; readonly alter: (sent: Sent) => Sent['source'] | null }
  /** 200, but some items of the bulk request fail, and the server never sees them */
  | { readonly kind: 'fail-items'; readonly status: number; readonly type: string; readonly fails: Fails };

/** A document of a bulk request: to which index it goes, and what it is. */
export interface Sent {
  readonly index: string;
  readonly source: Readonly<Record<string, unknown>>;
}

type Fails = (id: string, position: number) => boolean;

/** What goes wrong with a request to OpenSearch. */
export type SearchFault = Fault | ConnectionFault;

/** Applies a fault to requests whose path starts so, or whose method and path match. */
export interface SearchRule extends InjectingRule<Fault> {
  readonly path: string | RegExp;
}

/** A proxy before OpenSearch. */
export type SearchProxy = InjectingProxy<SearchRule>;

export function startSearchProxy(target: string): Promise<SearchProxy> {
  return startInjectingProxy<Fault, SearchRule>(target, {
    applies: ({ path }, { method, url = '' }) =>
      typeof path === 'string' ? url.startsWith(path) : path.test(`${method} ${url}`),
    inject,
    headers: ['content-type'],
    contentType: 'application/json',
  });
}

async function inject(exchange: Exchange, fault: Fault): Promise<void> {
  switch (fault.kind) {
    case 'answer':
      return exchange.send(fault.status, JSON.stringify({ error: { reason: 'injected' }, status: fault.status }));
    case 'body':
      return untrueBody(exchange, fault);
    case 'alter':
      return alterItems(exchange, fault.alter);
    case 'fail-items':
      return failItems(exchange, fault);
  }
}

async function untrueBody({ body, forward, send }: Exchange, fault: Fault & { kind: 'body' }): Promise<void> {
  if (fault.when === 'after') await forward(body);
  send(fault.status, fault.text);
}

interface BulkAnswer {
  readonly errors: boolean;
  readonly items: { readonly index: object }[];
}

async function failItems(exchange: Exchange, fault: Fault & { kind: 'fail-items' }): Promise<void> {
  const { status, type, fails } = fault;
  const items = itemsOf(exchange.body);
  const passed = items.filter(({ id }, i) => !fails(id, i)).map(({ lines }) => lines);
  const { errors, items: answered } = passed.length === 0 ? nothing() : await bulk(exchange, passed.join(''));
  const all = items.map(({ id }, i) =>
    fails(id, i) ? { index: { _id: id, status, error: { type, reason: 'injected' } } } : answered.shift(),
  );
  const failed = passed.length < items.length;
  exchange.send(200, JSON.stringify({ errors: errors || failed, items: all }));
}

async function alterItems(exchange: Exchange, alter: (Fault & { kind: 'alter' })['alter']): Promise<void> {
  const items = itemsOf(exchange.body);
  const altered = items.map(({ index, lines }) => {
    const [action, source = ''] = lines.split('\n');
    const document = alter({ index, source: JSON.parse(source) });
    return document === null ? null : `${action}\n${JSON.stringify(document)}\n`;
  });
  const passed = altered.filter((one) => one !== null);
  const { errors, items: answered } = passed.length === 0 ? nothing() : await bulk(exchange, passed.join(''));
  const all = items.map(({ id }, i) => (altered[i] === null ? { index: { _id: id, status: 201 } } : answered.shift()));
  exchange.send(200, JSON.stringify({ errors, items: all }));
}

const nothing = (): BulkAnswer => ({ errors: false, items: [] });

async function bulk({ forward }: Exchange, body: string): Promise<BulkAnswer> {
  return JSON.parse((await forward(Buffer.from(body))).text) as BulkAnswer;
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
