import { Agent, request } from 'node:http';

/** What was answered. */
export interface Answered {
  readonly status: number;
  readonly text: string;
}

/** Requests over connections that are kept, as browsers and services have them. */
export class Requests {
  readonly #agent: Agent;

  constructor(connections: number) {
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  get(url: string): Promise<Answered> {
    return this.#send(url, 'GET', undefined);
  }

  post(url: string, body: string): Promise<Answered> {
    return this.#send(url, 'POST', body);
  }

  put(url: string): Promise<Answered> {
    return this.#send(url, 'PUT', undefined);
  }

  close(): void {
    this.#agent.destroy();
  }

  #send(url: string, method: string, body: string | undefined): Promise<Answered> {
    const headers = body === undefined ? {} : { 'Content-Type': 'application/x-ndjson' };
    return new Promise((resolve, reject) => {
      const sent = request(url, { agent: this.#agent, method, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
        );
      });
      sent.on('error', reject).end(body);
    });
  }
}

/** @throws Error unless it is success */
export async function succeeded(answer: Promise<Answered>): Promise<string> {
  const { status, text } = await answer;
  if (status >= 200 && status < 300) return text;
  throw new Error(`Answered ${status}: ${text.slice(0, 500)}`);
}
