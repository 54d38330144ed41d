import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { errors } from '../config/errors.ts';
import type { ErrorBody } from './errors.ts';
import { cors, security } from './headers.ts';

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
export function refuseMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable) return;
  const { status, title } = errors[codeOf(error)];
  const body: ErrorBody = { Code: title, Message: messages[codeOf(error)] };
  const text = JSON.stringify(body);
  const headers = {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
    Connection: 'close',
    'Cache-Control': 'no-store',
    ...security,
    ...cors,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', text].join('\r\n'));
}
