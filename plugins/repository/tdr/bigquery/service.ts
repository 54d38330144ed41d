import { BigQuery } from '@google-cloud/bigquery';
import { orAborted } from '../../../../core/runtime/aborted.ts';
import { Account, type Authorization } from '../google/account.ts';
import { Failure } from './failure.ts';

/** What is asked of BigQuery, below the project that pays. */
interface Request {
  readonly method: 'GET' | 'POST';
  readonly uri: string;
  readonly qs?: Readonly<Record<string, string | number | boolean>>;
  readonly json?: object;
}

export interface ServiceParts {
  /** Google project that pays, and owns the jobs */
  readonly project: string;
  /** URL without path */
  readonly endpoint: string;
  readonly authorization: Authorization;
}

/** for one exchange, body included */
const exchangeMillis = 60_000;

/** Google's client for BigQuery, which tries nothing again by itself. */
export class BigQueryService {
  readonly #client: BigQuery;

  constructor({ project, endpoint, authorization }: ServiceParts) {
    this.#client = new BigQuery({
      projectId: project,
      apiEndpoint: endpoint,
      authClient: new Account(authorization),
      retryOptions: { autoRetry: false },
    });
  }

  /**
   * Its own functions for queries hide errors of empty answers, and trip over what is none of BigQuery's.
   *
   * @returns the answer as it came
   * @throws Failure
   */
  async ask(request: Request, signal: AbortSignal): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#client.request({ ...request, timeout: exchangeMillis }, (error: unknown, answer: unknown) => {
      if (error === null || error === undefined) resolve(answer);
      else reject(Failure.of(error));
    });
    const deadline = AbortSignal.timeout(exchangeMillis);
    try {
      return await orAborted(promise, AbortSignal.any([signal, deadline]));
    } catch (error) {
      signal.throwIfAborted();
      throw deadline.aborted ? new Failure(`no answer within ${exchangeMillis / 1000} s`, null) : error;
    }
  }
}
