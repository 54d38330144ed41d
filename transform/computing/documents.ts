import type { DuckDBBlobValue } from '@duckdb/node-api';
import type { KnownLimits } from '../../core/documents/cuts.ts';
import { writeAlias } from '../../core/documents/index-layout.ts';
import { text } from '../../core/duckdb/sql.ts';
import type { MetadataPlugin } from '../../core/model/metadata.ts';
import { completedStatements } from '../aggregate/completed.ts';
import { documentStatements, documentText, leaveRestsStatement, tombstonesStatements } from '../aggregate/documents.ts';
import { fieldsStatement } from '../aggregate/fields.ts';
import { holdStatement, longTextsSelect } from '../aggregate/long-texts.ts';
import { type Plan, planOf } from '../aggregate/plan.ts';
import type { RollupLimits } from '../aggregate/rollups.ts';
import { linksStatements, rowsStatements } from '../aggregate/surroundings.ts';
import { distinctStatements } from '../aggregate/values.ts';
import type { BulkBody } from '../sink/body.ts';
import type { EntityKey, KeyRange } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import { type Present, presentRoles } from './present-roles.ts';
import { Rollups } from './rollups.ts';

/** Where documents go and as which version. */
export interface Target {
  readonly deployment: string;
  readonly catalog: string;
  readonly generation: number;
  /** see `versionOf` */
  readonly version: number;
}

export interface DocumentLimits {
  readonly documentBytes: number;
  readonly bulkBytes: number;
  /** default: `knownLimits` */
  readonly known?: KnownLimits;
}

/** A document that is larger than any may be. */
export interface LargeDocument extends EntityKey {
  readonly bytes: number;
}

/** Bulk bodies are filled up to this share of what is allowed: large ones fill a small heap of OpenSearch with garbage. */
const bodyShare = 1 / 8;
/** Links to bundles, from which a document counts as hot. */
export const hotLinks = 1000;
/** Bundles of all documents with rollups: bounds the memory that rollups take. */
const maxRolledBundles = 250_000;
/** About so many bytes go before each document. */
const actionBytes = 250;

/** Computes wanted documents in the store and hands them out as bulk bodies. */
export class Documents {
  readonly #store: Store;
  readonly #plugin: MetadataPlugin;
  readonly #rollups: Rollups;
  readonly #limits: DocumentLimits;
  readonly #plan: Plan;

  constructor(
    store: Store,
    plugin: MetadataPlugin,
    limits: DocumentLimits,
    rollups: RollupLimits = { moreThan: hotLinks, atMost: maxRolledBundles },
  ) {
    this.#store = store;
    this.#plugin = plugin;
    this.#limits = limits;
    this.#plan = planOf(plugin, limits.known);
    this.#rollups = new Rollups(store, plugin, this.#plan, rollups);
  }

  /** Once per connection. */
  async prepare(): Promise<void> {
    await this.#store.run(fieldsStatement(this.#plan));
    await this.#rollups.prepare();
  }

  /** From `wanted` to `computed`, in the caller's transaction. */
  async compute(bundles?: KeyRange): Promise<void> {
    await this.#run(linksStatements(this.#plugin, bundles));
    if ((await this.#store.number('SELECT count(*) FROM links')) === 0) return this.#run(tombstonesStatements);
    await this.#run([...rowsStatements(this.#plan, 'links'), ...completedStatements(this.#plugin, this.#plan)]);
    const present = await presentRoles(this.#store, this.#plan);
    await this.#run([...distinctStatements(this.#plugin, present.plan), ...this.#documents(present)]);
    await this.#bound();
  }

  /** The same, where documents of very many bundles are wanted again and again: they have rollups. */
  async computeRolled(): Promise<void> {
    await this.#run(linksStatements(this.#plugin));
    await this.#rollups.compute();
    await this.#run(this.#documents(await presentRoles(this.#store, this.#plan)));
    await this.#bound();
  }

  /** Of documents that can't be written no more is put together than there may be. */
  #documents({ plan, crowded }: Present): readonly string[] {
    return documentStatements(this.#plugin, this.#plan, plan, crowded ? this.#limits.documentBytes : null);
  }

  /** Leaves out what would make documents too large, and has keywords hold their texts: few have one that is too long. */
  async #bound(): Promise<void> {
    const most = this.#limits.documentBytes;
    await this.#store.run(leaveRestsStatement(most));
    const found = await this.#store.rows(longTextsSelect(most));
    for (const { doc, body, rest } of found) {
      await this.#store.run(holdStatement(Number(doc), String(body), rest === null ? null : String(rest)));
    }
    if (found.length > 0) await this.#store.run(leaveRestsStatement(most));
  }

  async #run(statements: readonly string[]): Promise<void> {
    for (const statement of statements) await this.#store.run(statement);
  }

  /** What `compute` found, a vanished document as a tombstone (invariant 10), but for documents that are too large. */
  async bodies(target: Target): Promise<readonly BulkBody[]> {
    const rows = await this.#store.rows(this.#bodiesSelect(target));
    return rows.map(({ bytes, items }) => ({ bytes: (bytes as DuckDBBlobValue).bytes, items: Number(items) }));
  }

  async tooLarge(): Promise<readonly LargeDocument[]> {
    const rows = await this.#store.rows(
      `SELECT entity_type, entity_id, bytes FROM computed WHERE bytes > ${this.#limits.documentBytes}`,
    );
    return rows.map((row) => ({
      entityType: Number(row.entity_type),
      entityId: String(row.entity_id),
      bytes: Number(row.bytes),
    }));
  }

  #bodiesSelect({ deployment, catalog, generation, version }: Target): string {
    const aliases = this.#plan.entityTypes.map(({ number, name: entityType }) => {
      const action = `{"index":{"_index":${JSON.stringify(writeAlias({ deployment, catalog, entityType, generation }))},"_id":`;
      return `WHEN ${number} THEN ${text(action)}`;
    });
    const rest = `,"version":${version},"version_type":"external","require_alias":true}}\n`;
    const action = `CASE entity_type ${aliases.join(' ')} END, to_json(entity_id)::VARCHAR, ${text(rest)}`;
    const line = `CASE WHEN body IS NULL THEN concat(${action}, '{"_deleted":true}', chr(10)) ELSE concat(${action}, ${documentText}, chr(10)) END`;
    const limit = Math.floor(this.#limits.bulkBytes * bodyShare);
    return `SELECT encode(string_agg(${line}, '' ORDER BY doc)) AS bytes, count(*) AS items
      FROM (SELECT *, (sum(size) OVER (ORDER BY doc) - size) // ${limit} AS part
            FROM (SELECT *, coalesce(bytes, 0) + ${actionBytes} AS size FROM computed WHERE body IS NULL OR bytes <= ${this.#limits.documentBytes}))
      GROUP BY part ORDER BY part`;
  }
}
