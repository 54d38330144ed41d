import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An answer of OpenSearch. */
export interface EngineAnswer {
  readonly status: number;
  readonly text: string;
}

/** What becomes of an answer on its way; half of one that stalls never comes. */
export type Alteration = (answer: EngineAnswer) => EngineAnswer & { readonly stalls?: true };

/** A proxy before OpenSearch that alters its answers. */
export class AlteringProxy implements AsyncDisposable {
  /** paths of the requests that it has taken */
  readonly asked: string[] = [];
  readonly #target: string;
  readonly #server = createServer((request, response) => {
    this.#handle(request, response).catch(() => response.destroy());
  });
  #alters: { readonly path: RegExp; readonly alter: Alteration } | undefined;

  constructor(target: string) {
    this.#target = target;
  }

  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Alters answers to requests of such a path, and no others; and counts anew. */
  alter(path: RegExp, alter: Alteration): void {
    this.#alters = { path, alter };
    this.asked.length = 0;
  }

  clear(): void {
    this.#alters = undefined;
    this.asked.length = 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/', headers } = request;
    this.asked.push(`${method} ${url.replace(/\?.*/, '')}`);
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const type = headers['content-type'];
    const sent = {
      ...(type === undefined ? {} : { headers: { 'Content-Type': type } }),
      ...(parts.length === 0 ? {} : { body: new Uint8Array(Buffer.concat(parts)) }),
    };
    const answered = await fetch(this.#target + url, { method, ...sent });
    const answer = { status: answered.status, text: await answered.text() };
    const alters = this.#alters?.path.test(url) ? this.#alters.alter : undefined;
    const { status, text, stalls } = { stalls: undefined, ...(alters?.(answer) ?? answer) };
    response.writeHead(status, { 'Content-Type': 'application/json' });
    if (stalls) response.write(text.slice(0, text.length / 2));
    else response.end(text);
  }
}
