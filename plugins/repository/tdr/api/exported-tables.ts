import { join } from 'node:path';
import { LazuliError } from '../../../../core/config/errors.ts';
import { systemClock } from '../../../../core/runtime/clock.ts';
import { severalAtATime } from '../../../../core/runtime/several.ts';
import type { SnapshotRef, TableSource, TablesFolder } from '../tables/tables.ts';
import { type ExportedObjects, ObjectGone } from './exported-objects.ts';
import type { RepositoryApi } from './repository-api.ts';
import type { ExportedTables as Exported } from './schemas.ts';
import type { Asking, Pacing } from './service.ts';
import type { ServiceAccount } from './service-account.ts';

export interface ExportedTablesParts {
  readonly api: RepositoryApi;
  readonly indexer: ServiceAccount;
  readonly objects: ExportedObjects;
  readonly pacing?: Pacing | undefined;
}

/** Exports of a snapshot that are made at most, where what they gave has gone before it was here. */
const maxExports = 3;
const downloads = 4;
const [firstPollMillis, maxPollMillis] = [1_000, 15_000];
const fileName = /^[\w.-]{1,200}\.parquet$/;

/** Has the repository export snapshots as Parquet, and brings the files here (specification, tdr 2.2). */
export class ExportedTables implements TableSource {
  readonly #parts: ExportedTablesParts;

  constructor(parts: ExportedTablesParts) {
    this.#parts = parts;
  }

  async bring(snapshot: SnapshotRef, into: TablesFolder, signal: AbortSignal): Promise<void> {
    for (let exports = 1; ; exports++) {
      try {
        for (const { name, paths } of await this.#exported(snapshot, signal))
          await into.add(name, (folder, maxBytes) => this.#table(paths, folder, maxBytes, signal));
        return;
      } catch (error) {
        if (!(error instanceof ObjectGone)) throw error;
        if (exports === maxExports)
          throw unusable(snapshot, `its files are gone before they are here: ${error.message}`);
      }
    }
  }

  async #exported(snapshot: SnapshotRef, signal: AbortSignal): Promise<Exported> {
    const { api, objects, pacing } = this.#parts;
    const { clock = systemClock } = pacing ?? {};
    const job = await api.startExport(snapshot.id, objects.isSigned, await this.#asking(signal));
    for (let millis = firstPollMillis; ; millis = Math.min(millis * 1.5, maxPollMillis)) {
      if (await api.hasEnded(job, await this.#asking(signal))) break;
      await clock.sleep(millis, signal);
    }
    const { snapshot: id, tables } = await api.exported(job, await this.#asking(signal));
    if (id === snapshot.id) return tables;
    throw unusable(snapshot, `its export is one of snapshot ${id}`);
  }

  /** A job may take longer than a token is good. */
  async #asking(signal: AbortSignal): Promise<Asking> {
    return { authorization: await this.#parts.indexer.authorization(signal), waiting: 'background', signal };
  }

  async #table(paths: readonly string[], folder: string, maxBytes: number, signal: AbortSignal): Promise<void> {
    const names = new Set(paths.map(nameOf));
    if (names.size < paths.length) throw new LazuliError('repository_unavailable', 'An export names a file twice');
    let left = maxBytes;
    await severalAtATime(downloads, paths, async (path) => {
      left -= await this.#parts.objects.bring(path, join(folder, nameOf(path)), left, signal);
    });
  }
}

/** The last part of the path of a URL: never a way out of a folder. */
function nameOf(url: string): string {
  const [path = ''] = url.split('?');
  const last = path.split('/').at(-1) ?? '';
  if (fileName.test(last)) return last;
  throw new LazuliError('repository_unavailable', `An export names a file that is no Parquet: ${path.slice(0, 200)}`);
}

const unusable = ({ name, id }: SnapshotRef, why: string): LazuliError =>
  new LazuliError('repository_unavailable', `Snapshot ${name} (${id}) can't be exported: ${why}`, {
    remedy: 'Look at the job in the repository; ingest goes on by itself.',
  });
