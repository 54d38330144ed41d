import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { WireRequest } from './requests.ts';

/** An answer: its body parsed where it is JSON. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: unknown;
}

/** Sends requests as they are: paths are not made canonical. */
export function wireTo(url: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const { hostname: host, port } = new URL(url);
  return {
    send: ({ method, path, headers, body }: WireRequest): Promise<WireAnswer> =>
      new Promise((resolve, reject) => {
        const length = body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) };
        const options = { agent, host, port, method, path, headers: { ...headers, ...length } };
        const sent = request(options, async (response) => {
          const content = await text(response);
          const json = response.headers['content-type']?.startsWith('application/json') && content !== '';
          const parsed: unknown = json ? JSON.parse(content) : content;
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: parsed });
        });
        sent.on('error', reject).end(body);
      }),
    close: () => agent.destroy(),
  };
}
