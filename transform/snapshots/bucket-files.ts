import type { MetadataPlugin } from '../../core/model/metadata.ts';
import { type EntityKey, entityTypeNumber } from '../store/schema.ts';
import type { RowsFile, RowsFiles } from './files.ts';
import type { PendingRows, PublishedType } from './pending.ts';

/** Rows of a bucket of a build, by type, in files of this machine. */
export type BucketRows = readonly (readonly [PublishedType, file: string])[];

/** Entity types whose documents are published. */
export function publishedTypes(plugin: MetadataPlugin): readonly PublishedType[] {
  const published = plugin.manifests === undefined ? [] : [plugin.manifests.entityType];
  return published.map((name) => ({ name, number: entityTypeNumber(plugin, name) }));
}

/** Writes the files of a bucket of a build: first to this machine, and where they stay once the index has the documents. */
export class BucketFiles {
  readonly #types: readonly PublishedType[];
  readonly #pending: Pick<PendingRows, 'computed'>;
  readonly #files: RowsFiles;

  constructor(types: readonly PublishedType[], pending: Pick<PendingRows, 'computed'>, files: RowsFiles) {
    this.#types = types;
    this.#pending = pending;
    this.#files = files;
  }

  /** Writes down what is in the temporary table `computed`, of a bucket of a build. */
  async write(bucket: number, commit: number): Promise<BucketRows> {
    const rows: [PublishedType, string][] = [];
    for (const type of this.#types)
      rows.push([type, await this.#files.write(type, `bucket-${bucket}`, this.#pending.computed(type, commit))]);
    return rows;
  }

  /** Keeps what was written down of a bucket, but for documents that the index has refused. */
  async keep(rows: BucketRows, refused: readonly EntityKey[]): Promise<readonly RowsFile[]> {
    const kept: RowsFile[] = [];
    for (const [type, file] of rows) {
      const ids = refused.filter(({ entityType }) => entityType === type.number).map(({ entityId }) => entityId);
      const put = await this.#files.put(type, ids.length === 0 ? file : await this.#files.without(file, ids));
      if (put !== null) kept.push(put);
    }
    return kept;
  }
}
