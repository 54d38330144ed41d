import { Client } from '@opensearch-project/opensearch';
import { LazuliError } from '../../core/config/errors.ts';
import { jsonOrText } from '../../core/config/text.ts';
import { authorized } from '../../core/http/ask.ts';
import { exchange } from '../../core/search/exchange.ts';

/** What the transform room needs of a search cluster: requests and answers, nothing more. `checked` says what they mean. */
export interface SearchCluster {
  /**
   * @param body JSON, or newline-delimited JSON in a Buffer
   * @returns the whole answer, whatever it is
   * @throws LazuliError `unavailable` when none came in time
   */
  request(
    method: string,
    path: string,
    body?: object | Buffer,
    query?: Readonly<Record<string, string>>,
  ): Promise<ClusterAnswer>;
  close(): Promise<void>;
}

/** What came, from OpenSearch or from a proxy before it: nothing is known of it. */
export interface ClusterAnswer {
  readonly status: number;
  /** parsed; as text where it isn't JSON */
  readonly body: unknown;
  /** as it came over the network */
  readonly bytes?: Uint8Array;
}

/**
 * The official client as transport: connections, credentials in the URL; no retries of its own.
 *
 * @param millis that a request may take, up to the last byte of its answer
 */
export function openSearchCluster(url: string, millis = 60_000): SearchCluster {
  const client = new Client({ node: url });
  return {
    async request(method, path, body, querystring = {}) {
      const sent = Buffer.isBuffer(body) ? { bulkBody: body } : body === undefined ? {} : { body };
      try {
        const { status, bytes } = await exchange(client, { method, path, querystring, ...sent }, millis);
        return { status, body: jsonOrText(bytes), bytes };
      } catch (cause) {
        throw new LazuliError(
          'unavailable',
          `OpenSearch at ${authorized(url).href} doesn't answer: ${(cause as Error).message}`,
          {
            remedy: 'Start it, or set OPENSEARCH_URL; work goes on by itself once it answers.',
            cause,
          },
        );
      }
    },
    close: () => client.close(),
  };
}
