import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { type Answer, type Asked, illegal, notFound, Problem } from './answers.ts';
import type { Faults } from './faults.ts';
import type { Route } from './routes.ts';

export interface ResponderParts {
  readonly routes: readonly Route[];
  readonly faults: Faults;
  readonly now: () => number;
}

/** Answers requests by their routes, and has the faults that a test wants. */
export function responder(parts: ResponderParts) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    respond(parts, request, response).catch(() => response.destroy());
  };
}

async function respond(parts: ResponderParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = 'GET', url = '/' } = request;
  const spoilt = parts.faults.spoil(`${method} ${url}`, await answerTo(parts, request));
  if (spoilt === 'nothing') return;
  const isHalf = 'half' in spoilt;
  const { status, headers, body } = isHalf ? spoilt.half : spoilt;
  const json = body === undefined ? '' : JSON.stringify(body);
  const type = body === undefined ? {} : { 'Content-Type': 'application/json' };
  const date = new Date(parts.now()).toUTCString();
  response.writeHead(status, { Date: date, ...type, 'Content-Length': Buffer.byteLength(json), ...headers });
  if (!isHalf) response.end(json);
  else response.write(json.slice(0, json.length / 2), () => response.destroy());
}

async function answerTo({ routes }: ResponderParts, request: IncomingMessage): Promise<Answer> {
  const { method = 'GET', url = '/', headers } = request;
  const asked = new URL(url, `http://${headers.host}`);
  try {
    for (const route of routes) {
      const parts = route.method === method ? partsOf(route.path, asked.pathname) : null;
      if (parts !== null) {
        const { authorization } = headers;
        return await route.answer({ method, url: asked, parts, authorization, body: await bodyOf(request) });
      }
    }
    throw notFound(`There is no ${method} ${asked.pathname}`);
  } catch (error) {
    if (error instanceof Problem) return error.answer;
    return new Problem(500, 'unhandled_exception', String((error as Error).stack)).answer;
  }
}

/** @returns null where the path is another one */
function partsOf(template: string, path: string): Asked['parts'] | null {
  const names = [...template.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const found = new RegExp(`^${template.replace(/\{\w+\}/g, '([^/]+)')}$`).exec(path);
  if (found === null) return null;
  return Object.fromEntries(names.map((name, i) => [name, decodeURIComponent(found[i + 1] ?? '')]));
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const sent = await text(request);
  if (sent === '') return undefined;
  try {
    return JSON.parse(sent);
  } catch {
    throw illegal('The body is no JSON');
  }
}
