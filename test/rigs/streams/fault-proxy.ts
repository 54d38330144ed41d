import type { IncomingMessage } from 'node:http';
import { type Exchange, type InjectingProxy, type InjectingRule, startInjectingProxy } from './injecting-proxy.ts';

/** What goes wrong with a request to the emulator, beside connections. */
type Fault =
  /** an answer in the place of the emulator's */
  | { readonly kind: 'error'; readonly status: number; readonly type: string }
  /** the emulator gets only some entries of a PutRecords; the others fail with this code */
  | { readonly kind: 'fail-entries'; readonly code: string; readonly fails: (index: number) => boolean };

/** Applies a fault to requests of one operation. */
export interface Rule extends InjectingRule<Fault> {
  readonly operation: string;
}

/** A proxy before the emulator. */
export interface FaultProxy extends InjectingProxy<Rule> {
  /** operations asked for so far, in order */
  readonly requests: readonly string[];
}

export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const requests: string[] = [];
  const proxy = await startInjectingProxy<Fault, Rule>(target, {
    seen: (request) => requests.push(operationOf(request)),
    applies: ({ operation }, request) => operation === operationOf(request),
    inject,
    ...kinesisForm,
  });
  return { ...proxy, requests };
}

/** What the emulator needs of requests, and how it answers. */
export const kinesisForm = {
  headers: ['content-type', 'x-amz-target', 'x-amz-date', 'authorization'],
  contentType: 'application/x-amz-json-1.1',
};

/** Of a request to Kinesis, such as `GetRecords`. */
export const operationOf = ({ headers }: IncomingMessage): string =>
  String(headers['x-amz-target']).split('.')[1] ?? '';

async function inject(exchange: Exchange, fault: Fault): Promise<void> {
  if (fault.kind === 'fail-entries') return failEntries(exchange, fault);
  exchange.send(fault.status, JSON.stringify({ __type: fault.type, message: 'injected' }));
}

async function failEntries(exchange: Exchange, { code, fails }: Fault & { kind: 'fail-entries' }): Promise<void> {
  const asked = JSON.parse(exchange.body.toString()) as { Records: unknown[] };
  const passed = asked.Records.filter((_, index) => !fails(index));
  const results = passed.length === 0 ? [] : await putSome(exchange, { ...asked, Records: passed });
  const failed = { ErrorCode: code, ErrorMessage: 'injected' };
  const Records = asked.Records.map((_, index) => (fails(index) ? failed : results.shift()));
  const FailedRecordCount = asked.Records.length - passed.length;
  exchange.send(200, JSON.stringify({ FailedRecordCount, Records }));
}

async function putSome({ forward }: Exchange, request: object): Promise<unknown[]> {
  const { text } = await forward(Buffer.from(JSON.stringify(request)));
  return (JSON.parse(text) as { Records: unknown[] }).Records;
}
