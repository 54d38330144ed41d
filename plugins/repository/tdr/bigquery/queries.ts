import { randomUUID } from 'node:crypto';
import { inTime } from '../../../../core/runtime/deadline.ts';
import type { Clock } from '../../../../core/runtime/ports.ts';
import { Failure } from './failure.ts';
import { retrying } from './retries.ts';
import type { BigQueryService } from './service.ts';
import { type Field, jobSchema, parsed, resultsSchema, rowOf, type WireRow } from './wire.ts';

/** A query, with the only parameter that there is: `@ids`, a list of texts. */
export interface Query {
  readonly sql: string;
  readonly ids?: readonly string[];
}

/** Some rows of a query, in no order. */
export interface Page {
  readonly fields: readonly Field[];
  readonly rows: readonly WireRow[];
}

export interface QueriesParts {
  readonly service: BigQueryService;
  /** where the tables are, such as `US` */
  readonly location: string;
  /** `batch` waits for idle capacity */
  readonly priority: 'interactive' | 'batch';
  /** of one query */
  readonly maximumBytesBilled: number;
  /** for one query, until its last row */
  readonly queryMillis: number;
  /** rows of an answer; BigQuery gives fewer where they are large */
  readonly pageRows: number;
  readonly clock: Clock;
}

type Results = ReturnType<typeof resultsOf>;

interface Job {
  id: string;
  isBegun: boolean;
}

const pollMillis = 1_000;
const cancelMillis = 10_000;

/** Queries of BigQuery. All throw `Failure`, or the reason of the signal. */
export class Queries {
  readonly #parts: QueriesParts;

  constructor(parts: QueriesParts) {
    this.#parts = parts;
  }

  /**
   * All rows, page by page; who wants no more of them ends it by returning. There is always a page, which may be empty.
   * Rows that are fewer or more than BigQuery has counted are an error.
   */
  async *pages(query: Query, signal: AbortSignal): AsyncGenerator<Page> {
    const { clock, queryMillis } = this.#parts;
    const late = () => new Failure(`no rows within ${queryMillis / 1000} s`, 400);
    const deadline = clock.now() + queryMillis;
    const inTheEnd = <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> =>
      inTime({ clock, millis: Math.max(0, deadline - clock.now()), late, signal }, work);
    const job: Job = { id: randomUUID(), isBegun: false };
    const results = await inTheEnd((ending) => retrying(() => this.#begin(query, job, ending), clock, ending));
    const { fields, totalRows } = results;
    let rows = 0;
    for (let page = results; ; ) {
      rows += page.rows.length;
      if (rows > totalRows) throw new Failure(`more rows came than the ${totalRows} that were counted`, null);
      yield { fields, rows: page.rows };
      const { pageToken } = page;
      if (pageToken === undefined) break;
      page = await inTheEnd((ending) =>
        retrying(() => this.#results(job.id, { pageToken, fields }, ending), clock, ending),
      );
      if (page.pageToken === pageToken) throw new Failure('a page leads to itself', null);
    }
    if (rows < totalRows) throw new Failure(`${rows} rows came of the ${totalRows} that were counted`, null);
  }

  /** What a query would read, and which columns it would give. Costs nothing. */
  async estimate(
    query: Query,
    signal: AbortSignal,
  ): Promise<{ readonly bytes: number; readonly fields: readonly Field[] }> {
    const { service, clock } = this.#parts;
    const json = this.#job(query, randomUUID(), true);
    const answer = await retrying(() => service.ask({ method: 'POST', uri: '/jobs', json }, signal), clock, signal);
    const { statistics } = accepted(answer);
    const bytes = statistics?.totalBytesProcessed ?? statistics?.query?.totalBytesProcessed;
    if (bytes === undefined) throw new Failure('no bytes are estimated', null);
    return { bytes, fields: statistics?.query?.schema?.fields ?? [] };
  }

  /**
   * Runs a query until it has rows. A job is begun again only where it has failed itself: it costs as often as it runs.
   * A job that nobody waits for any more is cancelled.
   */
  async #begin(query: Query, job: Job, signal: AbortSignal): Promise<Results> {
    try {
      if (!job.isBegun) await this.#insert(query, job, signal);
      return await this.#results(job.id, {}, signal);
    } catch (error) {
      if (signal.aborted) this.#cancel(job.id);
      else if (await this.#hasFailed(job, signal)) Object.assign(job, { id: randomUUID(), isBegun: false });
      throw error;
    }
  }

  /** Where an answer was lost, the job of that id is there. */
  async #insert(query: Query, job: Job, signal: AbortSignal): Promise<void> {
    const json = this.#job(query, job.id, false);
    try {
      const answer = await this.#parts.service.ask({ method: 'POST', uri: '/jobs', json }, signal);
      job.isBegun = true;
      accepted(answer);
    } catch (error) {
      if (!(error instanceof Failure && error.status === 409)) throw error;
      job.isBegun = true;
    }
  }

  /** Where that can't be said, the next attempt finds out. */
  async #hasFailed({ id, isBegun }: Job, signal: AbortSignal): Promise<boolean> {
    if (!isBegun) return false;
    const { service, location } = this.#parts;
    try {
      const answer = await service.ask({ method: 'GET', uri: `/jobs/${id}`, qs: { location } }, signal);
      return parsed(jobSchema, answer).status.errorResult !== undefined;
    } catch {
      return false;
    }
  }

  async #results(
    job: string,
    { pageToken, fields }: { readonly pageToken?: string; readonly fields?: readonly Field[] },
    signal: AbortSignal,
  ): Promise<Results> {
    const { service, location, pageRows, clock } = this.#parts;
    const page = pageToken === undefined ? {} : { pageToken };
    const qs = { location, maxResults: pageRows, 'formatOptions.useInt64Timestamp': true, ...page };
    for (;;) {
      const answer = parsed(resultsSchema, await service.ask({ method: 'GET', uri: `/queries/${job}`, qs }, signal));
      if (answer.jobComplete) return resultsOf(answer, fields);
      await clock.sleep(pollMillis, signal);
    }
  }

  /** Nobody is there to learn whether that helped; the job ends by its own deadline at last. */
  #cancel(job: string): void {
    const { service, location } = this.#parts;
    const request = { method: 'POST', uri: `/jobs/${job}/cancel`, qs: { location } } as const;
    service.ask(request, AbortSignal.timeout(cancelMillis)).catch(() => {});
  }

  #job({ sql, ids }: Query, jobId: string, dryRun: boolean): object {
    const { location, priority, maximumBytesBilled, queryMillis } = this.#parts;
    const parameters =
      ids === undefined ? {} : { parameterMode: 'NAMED', queryParameters: [{ name: 'ids', ...listOf(ids) }] };
    return {
      jobReference: { jobId, location },
      configuration: {
        ...(dryRun ? { dryRun } : { jobTimeoutMs: String(queryMillis) }),
        labels: { application: 'lazuli' },
        query: {
          ...{ query: sql, useLegacySql: false, priority: priority.toUpperCase() },
          maximumBytesBilled: String(maximumBytesBilled),
          ...parameters,
        },
      },
    };
  }
}

const listOf = (ids: readonly string[]) => ({
  parameterType: { type: 'ARRAY', arrayType: { type: 'STRING' } },
  parameterValue: { arrayValues: ids.map((value) => ({ value })) },
});

/** A job that has failed at once is answered like one that runs. */
function accepted(answer: unknown) {
  const job = parsed(jobSchema, answer);
  const { errorResult } = job.status;
  if (errorResult !== undefined) throw Failure.of({ message: errorResult.message, errors: [errorResult] });
  return job;
}

function resultsOf(answer: ReturnType<typeof resultsSchema.parse>, known?: readonly Field[]) {
  const { totalRows, pageToken, schema, rows = [], errors = [] } = answer;
  const fields = known ?? schema?.fields;
  if (fields === undefined || totalRows === undefined) {
    if (errors.length > 0) throw Failure.of({ errors });
    throw new Failure('the answer has neither columns nor a number of rows', null);
  }
  return { fields, totalRows, pageToken, rows: rows.map((row) => rowOf(row, fields)) };
}
