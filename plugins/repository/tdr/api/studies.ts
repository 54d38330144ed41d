import type { SnapshotRef } from '../tables/tables.ts';
import { Refused } from './failures.ts';
import type { RepositoryApi } from './repository-api.ts';
import { studySchema } from './schemas.ts';
import type { Asking, Service } from './service.ts';
import type { ServiceAccount } from './service-account.ts';
import { unusable } from './unusable.ts';

export interface StudiesParts {
  readonly api: RepositoryApi;
  readonly duos: Service;
  readonly indexer: ServiceAccount;
}

const datasetTable = 'anvil_dataset';
/** Snapshots of which it is remembered which dataset they have; they never change. */
const maxRemembered = 10_000;
const duosId = /^[\w-]{1,64}$/;

/** What DUOS knows of the datasets of snapshots (specification, repository-plugins 6). */
export class Studies {
  readonly #parts: StudiesParts;
  /** row ids by snapshot */
  readonly #datasets = new Map<string, readonly string[]>();

  constructor(parts: StudiesParts) {
    this.#parts = parts;
  }

  /**
   * Row ids of the datasets of a snapshot: of one usually, of none where it isn't one of AnVIL.
   *
   * @throws LazuliError `repository_unavailable`
   */
  async datasets({ id }: SnapshotRef, signal: AbortSignal): Promise<readonly string[]> {
    const known = this.#datasets.get(id);
    if (known !== undefined) return known;
    const { api } = this.#parts;
    const asking = await this.#asking(signal);
    const { tables } = await api.snapshot(id, 'TABLES', asking);
    const isThere = tables?.some(({ name }) => name === datasetTable) === true;
    const found = isThere ? await api.rowIds(id, datasetTable, asking) : [];
    if (this.#datasets.size >= maxRemembered) this.#datasets.clear();
    this.#datasets.set(id, found);
    return found;
  }

  /**
   * @returns null where DUOS doesn't know the dataset, or says nothing of it
   * @throws LazuliError `repository_unavailable`
   */
  async description({ id, name }: SnapshotRef, signal: AbortSignal): Promise<string | null> {
    const { api, duos } = this.#parts;
    const asking = await this.#asking(signal);
    const snapshot = await api.snapshot(id, 'DUOS', asking);
    if (snapshot.name !== name) throw unusable(name, `snapshot ${id} is called ${snapshot.name}`);
    const study = snapshot.duosFirecloudGroup?.duosId ?? null;
    if (study === null) return null;
    if (!duosId.test(study)) throw unusable(name, 'it has an id of DUOS that is none');
    const path = `/api/dataset/registration/${study}`;
    try {
      const { body } = await duos.ask({ path }, { 200: studySchema }, asking);
      return body.studyDescription ?? null;
    } catch (error) {
      if (error instanceof Refused && error.answered === 404) return null;
      throw error;
    }
  }

  async #asking(signal: AbortSignal): Promise<Asking> {
    return { authorization: await this.#parts.indexer.authorization(signal), waiting: 'background', signal };
  }
}
