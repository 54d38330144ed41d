import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Result } from '../../../core/exports/attempts.ts';
import { FolderObjects } from '../../../core/exports/folder-objects.ts';
import { formatTypes } from '../../../core/exports/formats.ts';
import { Jobs } from '../../../core/exports/jobs.ts';
import { Tokens } from '../../../core/exports/tokens.ts';
import { Workers } from '../../../core/exports/workers.ts';
import type { FormatName, ManifestShape } from '../../../core/model/manifests.ts';
import type { MetadataPlugin } from '../../../core/model/metadata.ts';
import { systemClock } from '../../../core/runtime/clock.ts';
import { FolderStore } from '../../../core/storage/folder.ts';
import { begun, OwnAttempt } from '../../../exports/attempt.ts';
import { Admission, type AdmissionLimits } from '../../../query/manifests/admission.ts';
import type { Exports } from '../../../query/manifests/exports.ts';
import { NewestSnapshots } from '../../../query/manifests/newest.ts';
import type { Outcome } from '../../../query/manifests/standing.ts';
import { herbarium } from '../models/herbarium.ts';
import { type Service, type ServiceOptions, startService } from '../service/harness.ts';
import { temporaryFolder } from '../streams/recording.ts';

const manifests: ManifestShape = {
  entityType: 'sheets',
  formats: ['compact', 'curl', 'parquet'],
  envelope: {},
  file: { role: 'sheets', uuid: 'document_id', version: 'collected', name: 'title', location: null, url: 'url' },
} as unknown as ManifestShape;

/** The herbarium, whose sheets can be exported. */
export const exported: MetadataPlugin = { ...herbarium, manifests };

/** A service with exports, of which a test is the worker. */
export interface Exporting extends AsyncDisposable {
  readonly service: Service;
  readonly exports: Exports;
  /** that has the table of jobs, and the files */
  readonly folder: string;
  /** what requests have become of */
  readonly counted: Map<Outcome, number>;
  /** Milliseconds by which the service's clock is wrong. */
  skew: number;
  /** of the newest snapshot; null: none */
  snapshot: number | null;
  /** how often the newest was asked for */
  readonly asked: { times: number };
  /** Claims the only job, or the one of a format. */
  claim(format?: FormatName): Promise<OwnAttempt>;
  /** Makes a file of what is claimed. */
  finish(attempt: OwnAttempt, content?: string, over?: Partial<Result>): Promise<void>;
}

interface ExportingOptions extends Partial<ServiceOptions> {
  readonly limits?: AdmissionLimits;
}

export async function startExporting({
  limits,
  plugin = exported,
  // No search is made for exports.
  opensearchUrl = 'http://127.0.0.1:9',
  deps,
  ...options
}: ExportingOptions = {}): Promise<Exporting> {
  const folder = await temporaryFolder();
  const state = { skew: 0, snapshot: 1 as number | null };
  const clock = { ...systemClock, now: () => Date.now() + state.skew };
  const records = new FolderStore(join(folder.path, 'records'));
  const jobs = new Jobs(records, clock);
  const objects = new FolderObjects(join(folder.path, 'results'));
  const counted = new Map<Outcome, number>();
  const asked = { times: 0 };
  const newest = async () => {
    asked.times++;
    return state.snapshot;
  };
  const exports: Exports = {
    ...{ jobs, objects, clock, looking: new Map() },
    workers: new Workers(records),
    tokens: new Tokens(Buffer.alloc(32, 7), 'test'),
    newest: new NewestSnapshots(newest, clock),
    admission: new Admission(jobs.queue, limits ?? { waitingJobs: 1_000, callerJobs: 100 }, clock),
    lifeMillis: 7 * 24 * 60 * 60 * 1000,
    count: (_format, outcome) => counted.set(outcome, (counted.get(outcome) ?? 0) + 1),
  };
  const all = { exports: async () => exports, ...deps };
  const service = await startService({ ...options, plugin, opensearchUrl, deps: all });
  return Object.assign(state, {
    ...{ service, exports, counted, asked, folder: folder.path },
    async claim(format?: FormatName) {
      for (const place of await jobs.queue.all()) {
        const job = await jobs.get(place.hash);
        if (job === null || (format !== undefined && job.request.format !== format)) continue;
        const record = begun('test', 0);
        if (await jobs.attempts.claim(place.hash, place.number, record))
          return new OwnAttempt(jobs, job, place, record);
      }
      throw new Error('Nothing is queued');
    },
    async finish(attempt: OwnAttempt, content = 'a\tb\r\n', over: Partial<Result> = {}) {
      const file = join(folder.path, 'made');
      await writeFile(file, content);
      const { hash, request } = attempt.job;
      await objects.put(`${hash}.${formatTypes[request.format].extension}`, file);
      await attempt.finish({ rows: 1, bytes: content.length, name: 'some sheets.tsv', ...over }, clock.now());
    },
    async [Symbol.asyncDispose]() {
      await service[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  });
}
