import { createHash, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Answer, type Asked, json, type Route, wrong } from './routes.ts';
import { isAnswer, mayExport, type RepositorySnapshots, type StandInSnapshot, snapshotOf } from './snapshots.ts';
import type { Storage } from './storage.ts';

interface Job {
  readonly snapshot: StandInSnapshot;
  readonly isSigned: boolean;
  /** polls that find it running still */
  left: number;
  readonly failure: string | null;
}

/** Exports of snapshots as jobs (specification, tdr 2.2). */
export class ExportJobs {
  /** how often a job is found running before it has ended */
  polls = 1;
  /** why the next jobs fail; null: they don't */
  failure: string | null = null;
  readonly #snapshots: RepositorySnapshots;
  readonly #storage: Storage;
  /** export folder of each snapshot, by its name */
  readonly #folder: string;
  readonly #jobs = new Map<string, Job>();

  constructor(snapshots: RepositorySnapshots, storage: Storage, folder: string) {
    this.#snapshots = snapshots;
    this.#storage = storage;
    this.#folder = folder;
  }

  /** Nobody knows of jobs any more. */
  forget(): void {
    this.#jobs.clear();
  }

  routes(): readonly Route[] {
    return [
      ['GET', /^\/api\/repository\/v1\/snapshots\/([^/]+)\/export$/, (asked) => this.#start(asked)],
      ['GET', /^\/api\/repository\/v1\/jobs\/([^/]+)$/, (asked) => this.#job(asked)],
      ['GET', /^\/api\/repository\/v1\/jobs\/([^/]+)\/result$/, (asked) => this.#result(asked)],
    ];
  }

  #start(asked: Asked): Answer {
    const found = this.#snapshots.found(asked);
    if (isAnswer(found)) return found;
    const { account, snapshot } = found;
    if (!mayExport(account, snapshot))
      return wrong(403, `User ${account.email} does not have required action: export_snapshot`);
    const id = randomUUID();
    const isSigned = asked.query.get('signUrls') === 'true';
    this.#jobs.set(id, { snapshot, isSigned, left: this.polls, failure: this.failure });
    return this.#told(id, 'running', 202);
  }

  #job({ parts: [id = ''] }: Asked): Answer {
    const job = this.#jobs.get(id);
    if (job === undefined) return wrong(404, 'The job does not exist');
    if (job.left-- > 0) return this.#told(id, 'running', 202);
    return this.#told(id, job.failure === null ? 'succeeded' : 'failed', 200);
  }

  #told(id: string, status: string, code: number): Answer {
    const own = `/api/repository/v1/jobs/${id}`;
    const job = { id, description: 'Export snapshot', job_status: status, status_code: code, class_name: 'Export' };
    return json(code, job, { Location: code === 200 ? `${own}/result` : own });
  }

  #result({ parts: [id = ''] }: Asked): Answer {
    const job = this.#jobs.get(id);
    if (job === undefined) return wrong(404, 'The job does not exist');
    if (job.failure !== null) return wrong(400, job.failure);
    const { snapshot, isSigned } = job;
    const location = (table: string) => {
      const own = join(this.#folder, snapshot.name, table);
      return readdirSync(own)
        .sort()
        .map((file) =>
          this.#storage.put(`${bucketOf(snapshot)}/${id}/${table}/${file}`, readFileSync(join(own, file)), isSigned),
        );
    };
    const tables = Object.keys(snapshot.tables).map((name) => ({ name, paths: location(name) }));
    const parquet = { manifest: '', location: { tables } };
    return json(200, {
      validatedPrimaryKeys: true,
      snapshot: snapshotOf(snapshot, ['TABLES', 'DATA_PROJECT', 'DUOS']),
      format: { workspace: { validatedPrimaryKeys: true }, parquet },
    });
  }
}

const bucketOf = ({ project }: StandInSnapshot): string =>
  `${project}-${createHash('md5').update(project).digest('hex').slice(0, 6)}-snapshot-export-bucket`;
