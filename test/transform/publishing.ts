import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { everything } from '../../core/documents/filter.ts';
import { type DocumentSnapshot, Snapshots } from '../../core/exports/snapshots.ts';
import type { Json, MetadataPlugin } from '../../core/model/metadata.ts';
import type { Clock } from '../../core/runtime/ports.ts';
import { Selection } from '../../exports/selection/selection.ts';
import { hca } from '../../plugins/metadata/hca/plugin.ts';
import { Documents } from '../../transform/computing/documents.ts';
import { SnapshotPublisher } from '../../transform/snapshots/publisher.ts';
import { zoo } from '../rigs/models/zoo.ts';
import { add } from '../rigs/transform/cages.ts';
import { openTestCatalog, type TestCatalog, testCatalog } from '../rigs/transform/computed.ts';

const { manifests: shape } = hca;
if (shape === undefined) throw new TypeError('hca has manifests');
/** Cages are published. */
export const published: MetadataPlugin = { ...zoo, manifests: { ...shape, entityType: 'cages' } };
export const cageNumber = Object.keys(zoo.entityTypes).indexOf('cages');

export const cage = (uuid: string, version: string, names: readonly string[]) =>
  add({
    uuid,
    version,
    cages: Object.fromEntries(
      names.map((name) => [name, [{ id: `animal of ${name}`, values: { name: `${uuid} ${version}` } }]]),
    ),
  });

type Members = Readonly<Record<string, Json>>;

/** A catalog whose cages are published, by a clock that a test moves. */
export class Publishing {
  readonly catalog: TestCatalog;
  readonly snapshots: Snapshots;
  /** milliseconds since the epoch */
  now = Date.parse('2026-01-01T00:00:00Z');
  readonly clock: Clock = { now: () => this.now, sleep: async () => undefined };

  #commit = 0;

  private constructor(catalog: TestCatalog) {
    this.catalog = catalog;
    this.snapshots = new Snapshots(catalog.objects, testCatalog);
  }

  static async open(): Promise<Publishing> {
    return new Publishing(await openTestCatalog(published));
  }

  publisher(epoch = 1): SnapshotPublisher {
    return new SnapshotPublisher({ ...this.catalog.context, clock: this.clock, epoch });
  }

  /** Computes all cages, and has the publisher note them. */
  async computeAll(publisher: SnapshotPublisher, gone: readonly string[] = []): Promise<number> {
    const { store } = this.catalog;
    const documents = new Documents(store, published, { documentBytes: 2 ** 25, bulkBytes: 2 ** 23 });
    return store.transaction(async () => {
      const commit = ++this.#commit;
      const ids = gone.map((id) => `UNION SELECT ${cageNumber}::TINYINT, '${id}'`).join(' ');
      await store.run(`CREATE OR REPLACE TEMP TABLE wanted AS SELECT (row_number() OVER () - 1)::INTEGER AS doc, entity_type, entity_id
        FROM (SELECT DISTINCT entity_type, entity_id FROM entities WHERE entity_type = ${cageNumber} ${ids})`);
      await documents.compute();
      await publisher.noteComputed(commit);
      return commit;
    });
  }

  async newest(): Promise<DocumentSnapshot> {
    const snapshot = await this.snapshots.newest();
    if (snapshot === null) throw new Error('Nothing is published');
    return snapshot;
  }

  /** The documents of a snapshot, by id. */
  async read(snapshot: DocumentSnapshot): Promise<ReadonlyMap<string, Members>> {
    const temporary = mkdtempSync(join(tmpdir(), 'lazuli-'));
    const limits = { memoryBytes: 2 ** 28, temporaryBytes: 2 ** 28, threads: 1 };
    const selection = await Selection.open({
      ...{ objects: this.catalog.objects, catalog: testCatalog, plugin: published, entityType: 'cages', snapshot },
      ...{ filter: everything, temporary, limits },
    });
    try {
      const found = new Map<string, Members>();
      for await (const rows of selection.stream('SELECT entity_id, body FROM selected'))
        for (const { entity_id, body } of rows) found.set(String(entity_id), JSON.parse(String(body)));
      expect(found.size).to.equal(selection.rows);
      return found;
    } finally {
      await selection.close();
      rmSync(temporary, { recursive: true, force: true });
    }
  }

  /** As they must be: what the store says now. */
  async truth(): Promise<ReadonlyMap<string, Members>> {
    const sources = [...(await this.catalog.sources())].filter(([key]) => key.startsWith('cages/'));
    return new Map(sources.map(([key, { _hash, ...document }]) => [key.slice('cages/'.length), document]));
  }

  async expectTrue(): Promise<void> {
    expect(sorted(await this.read(await this.newest()))).to.deep.equal(sorted(await this.truth()));
  }
}

const sorted = (documents: ReadonlyMap<string, Members>) => [...documents].sort(([a], [b]) => (a < b ? -1 : 1));
