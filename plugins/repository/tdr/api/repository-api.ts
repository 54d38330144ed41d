import type { z } from 'zod';
import { LazuliError } from '../../../../core/config/errors.ts';
import { allPages, attemptsOf, ChangedMeanwhile, pageSize } from './listing.ts';
import {
  type ExportedTables,
  exportSchema,
  jobSchema,
  pageSchema,
  roleMapSchema,
  rowsSchema,
  type SnapshotItem,
  snapshotSchema,
} from './schemas.ts';
import type { Asking, Service } from './service.ts';

const base = '/api/repository/v1';

/** Roles that may read data (specification, tdr 2.1). */
const reading: ReadonlySet<string> = new Set(['admin', 'steward', 'reader', 'custodian']);

/** of a preview: whether a table has more than one is all that matters */
const mostRows = 2;

/** What may be asked for along with a snapshot. */
type Included = 'TABLES' | 'DUOS';

/** The API of the Terra Data Repository (specification, tdr 2). All functions throw `Refused` where it isn't willing. */
export class RepositoryApi {
  readonly #service: Service;

  constructor(service: Service) {
    this.#service = service;
  }

  /**
   * Snapshots that the account may see. The repository compares a part of names only, and descriptions too: who wants
   * one of a name has to compare it.
   *
   * @param part of their names; empty for all
   * @throws LazuliError `repository_unavailable`, for callers `unavailable`, where they change too often
   */
  async list(part: string, asking: Asking): Promise<readonly SnapshotItem[]> {
    for (let attempts = 1; ; attempts++) {
      try {
        return await allPages((offset) => this.#page(part, offset, asking));
      } catch (error) {
        if (!(error instanceof ChangedMeanwhile)) throw error;
        if (attempts === attemptsOf(asking)) throw changed(error, asking);
      }
    }
  }

  /** Ids of all snapshots that the account may read: who may only find one, or see sums of it, isn't shown its contents. */
  async roles(asking: Asking): Promise<ReadonlySet<string>> {
    const { body } = await this.#service.ask({ path: `${base}/snapshots/roleMap` }, { 200: roleMapSchema }, asking);
    return new Set(Object.keys(body.roleMap).filter((id) => body.roleMap[id]?.some((role) => reading.has(role))));
  }

  async snapshot(id: string, included: Included, asking: Asking): Promise<z.output<typeof snapshotSchema>> {
    const path = `${base}/snapshots/${encodeURIComponent(id)}?include=${included}`;
    return (await this.#service.ask({ path }, { 200: snapshotSchema }, asking)).body;
  }

  /** Row ids of the first rows of a table; for tables that have few. */
  async rowIds(id: string, table: string, asking: Asking): Promise<readonly string[]> {
    const path = `${base}/snapshots/${encodeURIComponent(id)}/data/${table}`;
    const question = { method: 'POST', path, json: { offset: 0, limit: mostRows, sort: 'datarepo_row_id' } } as const;
    const { body } = await this.#service.ask(question, { 200: rowsSchema }, asking);
    return body.result.map((row) => row.datarepo_row_id);
  }

  /** @returns id of the job */
  async startExport(id: string, isSigned: boolean, asking: Asking): Promise<string> {
    const query = `exportGsPaths=false&validatePrimaryKeyUniqueness=true&signUrls=${isSigned}`;
    const path = `${base}/snapshots/${encodeURIComponent(id)}/export?${query}`;
    return (await this.#service.ask({ path }, { 202: jobSchema }, asking)).body.id;
  }

  async hasEnded(job: string, asking: Asking): Promise<boolean> {
    const path = `${base}/jobs/${encodeURIComponent(job)}`;
    const { body } = await this.#service.ask({ path }, { 200: jobSchema, 202: jobSchema }, asking);
    return body.job_status !== 'running';
  }

  async exported(job: string, asking: Asking): Promise<{ readonly snapshot: string; readonly tables: ExportedTables }> {
    const path = `${base}/jobs/${encodeURIComponent(job)}/result`;
    const { body } = await this.#service.ask({ path }, { 200: exportSchema }, asking);
    return { snapshot: body.snapshot.id, tables: body.format.parquet.location.tables };
  }

  async #page(part: string, offset: number, asking: Asking) {
    const query = new URLSearchParams({
      ...{ offset: String(offset), limit: String(pageSize), sort: 'created_date', direction: 'asc' },
      ...(part === '' ? {} : { filter: part }),
    });
    return (await this.#service.ask({ path: `${base}/snapshots?${query}` }, { 200: pageSchema }, asking)).body;
  }
}

function changed(cause: ChangedMeanwhile, { waiting }: Asking): LazuliError {
  const message = `Snapshots change while they are listed: ${cause.message}`;
  const code = waiting === 'background' ? 'repository_unavailable' : 'unavailable';
  return new LazuliError(code, message, { remedy: 'Try again later.', cause });
}
