import { randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BucketItem, BucketRef, BuiltBucket } from '../../core/control/building.ts';
import { layoutHash } from '../../core/documents/document-layout.ts';
import { text } from '../../core/duckdb/sql.ts';
import { Snapshots } from '../../core/exports/snapshots.ts';
import type { MetadataPlugin } from '../../core/model/metadata.ts';
import { sha256Of } from '../../core/storage/digest.ts';
import { resultKey } from '../building/results.ts';
import { Activity } from '../catalog/activity.ts';
import type { CatalogContext } from '../catalog/context.ts';
import { expectOwned } from '../catalog/epochs.ts';
import { Documents } from '../computing/documents.ts';
import { fetchCopy } from '../copies/restore.ts';
import { computeFor } from '../emitting/compute-for.ts';
import { DocumentLetters } from '../emitting/document-letters.ts';
import { GenerationWriter } from '../emitting/generation-writer.ts';
import { GenerationGone } from '../generations/failures.ts';
import { isWhole, listGenerations } from '../generations/indices.ts';
import { notedDocuments } from '../generations/ledger.ts';
import { BuildPlan } from '../generations/plan.ts';
import { BucketFiles, type BucketRows, publishedTypes } from '../snapshots/bucket-files.ts';
import { RowsFiles } from '../snapshots/files.ts';
import { PendingRows } from '../snapshots/pending.ts';
import type { EntityKey } from '../store/schema.ts';
import { Store, type StoreLimits, storeLayout } from '../store/store.ts';

/** What of a catalog a builder knows without its owner. */
export type OwnContext = Omit<CatalogContext, 'store' | 'epoch'>;

/** A bucket that was computed. */
export interface ComputedBucket {
  readonly of: BucketRef;
  /** @returns those that OpenSearch has refused */
  readonly write: () => Promise<readonly EntityKey[]>;
  readonly rows: BucketRows;
  /** a file of this machine */
  readonly hashes: string;
}

/** A copy of a store, open, and what computes buckets from it: the classes by which the owner does. */
export class Workbench {
  /** key of the copy */
  readonly copy: string;
  readonly #context: CatalogContext;
  readonly #documents: Documents;
  readonly #plan: BuildPlan;
  readonly #files: BucketFiles;
  readonly #letters: DocumentLetters;
  readonly #activity: Activity;

  private constructor(context: CatalogContext, documents: Documents, copy: string) {
    const { store, plugin, limits, objects, catalog } = context;
    this.copy = copy;
    this.#context = context;
    this.#documents = documents;
    this.#plan = new BuildPlan(store, limits.bucketLinks);
    const types = publishedTypes(plugin);
    const rows = new RowsFiles(context, new Snapshots(objects, catalog), `${unique()}-`);
    this.#files = new BucketFiles(types, new PendingRows(store, types, limits.documentBytes), rows);
    this.#letters = new DocumentLetters(context);
    this.#activity = new Activity(context);
  }

  /**
   * @param folder for the copy: whatever is in it goes
   * @returns null where the copy is gone or damaged, or this process is of another version than the owner
   * @throws LazuliError `staging_unavailable`, `store_exhausted`
   */
  static async open(
    own: OwnContext,
    { of, copy, layouts }: BucketItem,
    folder: string,
    limits: StoreLimits,
  ): Promise<Workbench | null> {
    await rm(folder, { recursive: true, force: true });
    if (!isAlike(own.plugin, layouts)) return null;
    const file = join(folder, 'copy.duckdb');
    if (!(await fetchCopy(own, copy, file, layouts.store))) return null;
    const store = await Store.open(file, own.plugin, limits);
    try {
      const documents = new Documents(store, own.plugin, own.limits);
      await documents.prepare();
      return new Workbench({ ...own, store, epoch: of.epoch }, documents, copy);
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  async compute({ of, bundles }: BucketItem, signal: AbortSignal): Promise<ComputedBucket> {
    const { store } = this.#context;
    await store.expect('much');
    await this.#plan.want(of.bucket);
    const hashes = store.scratchFile(`hashes-${of.bucket}.parquet`);
    const noteComputed = () => store.run(`COPY (${notedDocuments}) TO ${text(hashes)} (FORMAT parquet)`);
    const expectPresent = (generation: number) => this.#expectPresent(generation);
    const present = { expectPresent };
    const writer = new GenerationWriter(this.#context, present, this.#letters, this.#activity, of.generation, signal);
    const { commit } = of;
    const write = await computeFor([writer], this.#documents, { noteComputed }, { commit, bundles });
    return { of, write, hashes, rows: await this.#files.write(of.bucket, commit) };
  }

  /** Puts what the owner is to be told where it finds it. @param refused documents that OpenSearch has refused */
  async finish({ of, rows, hashes }: ComputedBucket, refused: readonly EntityKey[]): Promise<BuiltBucket> {
    const { objects } = this.#context;
    const files = await this.#files.keep(rows, refused);
    const bytes = await readFile(hashes);
    const key = resultKey(of, unique());
    await objects.put(key, bytes);
    await rm(hashes);
    return {
      hashes: { key, bytes: bytes.length, sha256: await sha256Of(bytes) },
      rows: files.map(({ first: _first, last: _last, ...file }) => file),
    };
  }

  close(): Promise<void> {
    return this.#context.store.close();
  }

  /** @throws LazuliError `superseded`, GenerationGone */
  async #expectPresent(generation: number): Promise<void> {
    await expectOwned(this.#context);
    const found = (await listGenerations(this.#context)).find(({ number }) => number === generation);
    if (found === undefined || !isWhole(this.#context, found)) throw new GenerationGone(generation);
  }
}

const unique = (): string => randomBytes(6).toString('hex');

const isAlike = (plugin: MetadataPlugin, { store, documents }: BucketItem['layouts']): boolean =>
  storeLayout(plugin) === store && layoutHash(plugin) === documents;
