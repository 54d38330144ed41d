import { Client, errors } from '@opensearch-project/opensearch';
import { LazuliError } from '../../config/errors.ts';

/** What the transform room needs of a search cluster: requests and answers, nothing more. */
export interface SearchCluster {
  /**
   * @param body JSON, or newline-delimited JSON in a Buffer
   * @returns status and parsed body, whatever the status
   * @throws LazuliError `unavailable` when no answer came
   */
  request(
    method: string,
    path: string,
    body?: object | Buffer,
    query?: Readonly<Record<string, string>>,
  ): Promise<ClusterAnswer>;
  close(): Promise<void>;
}

export interface ClusterAnswer {
  readonly status: number;
  readonly body: unknown;
}

const requestTimeout = 60_000;
/** Statuses that are answers, too. */
const answered = { ignore: [400, 401, 403, 404, 405, 409, 413, 429, 500, 502, 503, 504] };

/** The official client as transport: connections, time-outs, credentials in the URL; no retries of its own. */
export function openSearchCluster(url: string): SearchCluster {
  const client = new Client({ node: url, maxRetries: 0, requestTimeout });
  return {
    async request(method, path, body, querystring = {}) {
      const payload = Buffer.isBuffer(body)
        ? { bulkBody: body as unknown as string }
        : body === undefined
          ? {}
          : { body: body as Record<string, unknown> };
      try {
        const answer = await client.transport.request({ method, path, querystring, ...payload }, answered);
        return { status: answer.statusCode ?? 0, body: answer.body };
      } catch (cause) {
        if (cause instanceof errors.ResponseError) return { status: cause.statusCode ?? 0, body: cause.body };
        throw new LazuliError(
          'unavailable',
          `OpenSearch at ${withoutCredentials(url)} doesn't answer: ${(cause as Error).message}`,
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

/** A URL that may be shown. */
export function withoutCredentials(url: string): string {
  const shown = new URL(url);
  shown.username = '';
  shown.password = '';
  return shown.href;
}
