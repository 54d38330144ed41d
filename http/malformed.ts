import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { errors } from '../config/errors.ts';
import type { ErrorBody } from './errors.ts';
import { cors } from './headers.ts';

/** Answers what Node refuses before any middleware sees it; a listener of a server's `clientError`. */
export function refuseMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable) return;
  const { status, title } = error.code === 'HPE_HEADER_OVERFLOW' ? errors.payload_too_large : errors.bad_request;
  const body: ErrorBody = {
    Code: title,
    Message: 'The request is malformed or its URL and headers are too long.',
  };
  const text = JSON.stringify(body);
  const headers = {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
    Connection: 'close',
    ...cors,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', text].join('\r\n'));
}
