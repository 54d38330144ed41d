import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ErrorCode, errors } from '../config/errors.ts';
import type { ErrorBody } from './errors.ts';
import { headersFor } from './headers.ts';

const messages = {
  bad_request: 'The request is malformed. Send HTTP/1.1.',
  payload_too_large: 'The URL and headers are too long. Shorten them.',
  request_timeout: 'The request took too long to arrive. Send it again, faster.',
} as const;

function codeOf({ code }: NodeJS.ErrnoException): keyof typeof messages {
  if (code === 'HPE_HEADER_OVERFLOW') return 'payload_too_large';
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'request_timeout' : 'bad_request';
}

/** Answers what Node refuses before any middleware sees it; a listener of a server's `clientError`. */
export function refuseMalformed(error: NodeJS.ErrnoException, socket: Duplex): void {
  const code = codeOf(error);
  refuse(socket, code, messages[code]);
}

/** Answers who takes the server for a proxy; a listener of a server's `connect`. */
export function refuseTunnel(_request: unknown, socket: Duplex): void {
  refuse(socket, 'method_not_allowed', 'Unsupported method: CONNECT. This is no proxy.');
}

/** For who is refused to take the answer and hang up. */
const lingerMillis = 2_000;

function refuse(socket: Duplex, code: ErrorCode, message: string): void {
  if (!socket.writable) return;
  const { status, title } = errors[code];
  const body: ErrorBody = { Code: title, Message: message };
  const text = JSON.stringify(body);
  const headers = {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    Connection: 'close',
    'X-Request-Id': randomUUID(),
    ...headersFor('everyone'),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', text].join('\r\n'));
  const timer = setTimeout(() => socket.destroy(), lingerMillis);
  socket.once('close', () => clearTimeout(timer));
}
