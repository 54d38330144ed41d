import type { RecordBatch } from 'apache-arrow';
import { LazuliError } from '../config/errors.ts';
import type { BundleFqid, MetadataPlugin } from '../plugins/metadata.ts';
import {
  documentsTable,
  type NormalizedBundle,
  type NormalizedEntity,
  type NormalizedRow,
} from '../plugins/normalized.ts';
import { CoreTable, EntitiesTable, FieldError, InnerTable, MembersTable, type TableBuilder } from './arrow/table.ts';
import { bundleKey, type StagedCopy } from './bundle-key.ts';
import { bundlesTable, entitiesTable, type Manifest, membersTable, optionalColumns, stagedTables } from './layout.ts';

/** Something to stage: an addition with what it was made of, or a deletion. */
export type Staged = Pick<StagedCopy, 'action' | 'fqid' | 'number' | 'contentHash'> & {
  readonly attributes: Readonly<Record<string, string>>;
  /** null for a deletion */
  readonly normalized: NormalizedBundle | null;
  /** size as fetched */
  readonly bytes: number;
};

/**
 * The rows of one micro-batch of one catalog, in memory. A bundle that is refused leaves no trace.
 */
export class Batch {
  readonly #plugin: MetadataPlugin;
  readonly #bundles = new CoreTable(bundlesTable);
  readonly #members = new MembersTable(membersTable);
  readonly #entities: EntitiesTable;
  readonly #documents: CoreTable;
  readonly #inner: ReadonlyMap<string, InnerTable>;
  readonly #tables: readonly TableBuilder[];
  readonly #keys = new Set<bigint>();
  readonly #manifestBundles: Manifest['bundles'][number][] = [];
  #bytes = 0;

  constructor(plugin: MetadataPlugin) {
    this.#plugin = plugin;
    const staged = new Map(stagedTables(plugin).map((table) => [table.name, table]));
    const pick = (name: string) => staged.get(name) ?? { name, columns: [] };
    this.#entities = new EntitiesTable(pick(entitiesTable));
    this.#documents = new CoreTable(pick(documentsTable));
    this.#inner = new Map(
      Object.entries(plugin.tables).map(([name, declared]) => [
        name,
        new InnerTable(pick(name), declared, optionalColumns(plugin, name)),
      ]),
    );
    this.#tables = [this.#bundles, this.#entities, this.#members, this.#documents, ...this.#inner.values()];
  }

  /** in all tables together */
  get rows(): number {
    return this.#tables.reduce((sum, table) => sum + table.rows, 0);
  }

  get bundles(): readonly Manifest['bundles'][number][] {
    return this.#manifestBundles;
  }

  /** of the bundles as fetched */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether this very copy is in the batch already. */
  has(copy: Omit<StagedCopy, 'normalizerVersion'>): boolean {
    return this.#keys.has(this.#keyOf(copy));
  }

  /** @throws LazuliError `bundle_invalid` naming bundle, entity and field */
  add(staged: Staged): void {
    const key = this.#keyOf(staged);
    if (this.#keys.has(key)) return;
    const before = this.#tables.map((table) => table.rows);
    try {
      this.#append(staged);
    } catch (error) {
      this.#tables.forEach((table, i) => {
        table.truncate(before[i] ?? 0);
      });
      throw error instanceof LazuliError ? error.at({ bundle: printed(staged.fqid) }) : error;
    }
    for (const table of this.#tables) table.seal(key);
    this.#keys.add(key);
    this.#bytes += staged.bytes;
    const { action, fqid } = staged;
    this.#manifestBundles.push({ action, source: fqid.source, uuid: fqid.uuid, version: fqid.version });
  }

  /** Tables that have rows. */
  recordBatches(): readonly { readonly name: string; readonly batch: RecordBatch }[] {
    return this.#tables
      .filter((table) => table.rows > 0)
      .map((table) => ({ name: table.name, batch: table.recordBatch() }));
  }

  #keyOf({ action, fqid, number, contentHash }: Omit<StagedCopy, 'normalizerVersion'>): bigint {
    return bundleKey({ action, fqid, number, contentHash, normalizerVersion: this.#plugin.version });
  }

  #append({ action, fqid, number, contentHash, attributes, normalized }: Staged): void {
    try {
      this.#bundles.append(
        ...[action, fqid.source.id, fqid.source.spec, fqid.uuid, fqid.version, number],
        ...[this.#plugin.version, contentHash, JSON.stringify(attributes)],
      );
    } catch (cause) {
      throw located(cause, {});
    }
    if (normalized === null) return;
    normalized.rows.forEach((row, i) => {
      this.#appendRow(i, row);
    });
    this.#appendSets(normalized);
    for (const entity of normalized.entities) this.#appendEntity(entity, normalized.sets.length);
  }

  #appendRow(number: number, row: NormalizedRow): void {
    try {
      if (row.table === documentsTable) {
        const { pointer, replica_type: type, contents } = row.values;
        this.#documents.append(number, row.id, pointer, type ?? null, contents);
      } else {
        this.#innerTable(row.table).append(number, row);
      }
    } catch (cause) {
      throw located(cause, { entity: `${row.table}/${row.id ?? `#${number}`}` });
    }
  }

  #innerTable(name: string): InnerTable {
    const table = this.#inner.get(name);
    if (table !== undefined) return table;
    throw new LazuliError('bundle_invalid', `There is no table '${name}'`, { remedy: 'Correct the metadata plug-in.' });
  }

  #appendSets({ sets, rows }: NormalizedBundle): void {
    sets.forEach((set, i) => {
      const beyond = set.find((row) => row >= rows.length);
      if (beyond !== undefined) throw new Error(`Set ${i + 1} has row ${beyond} of ${rows.length}`);
      this.#members.append(i + 1, set);
    });
  }

  #appendEntity({ type, id, sets }: NormalizedEntity, count: number): void {
    for (const role in sets) {
      const number = sets[role] ?? 0;
      if (number > count) throw new Error(`Role ${role} of ${type}/${id} has set ${number} of ${count}`);
    }
    try {
      this.#entities.append(type, id, sets);
    } catch (cause) {
      throw located(cause, { entity: `${type}/${id}` });
    }
  }
}

/** A bundle as errors name it. */
function printed({ uuid, version }: BundleFqid): string {
  return `${uuid}.${version}`;
}

/** What was refused, with its place. */
function located(cause: unknown, place: { entity?: string }): unknown {
  if (cause instanceof LazuliError) return cause.at(place);
  if (!(cause instanceof FieldError)) return cause;
  return new LazuliError('bundle_invalid', `'${cause.field}' ${cause.message}`, {
    place: { ...place, field: cause.field },
    remedy: 'Correct the metadata, then notify again or redrive.',
    cause,
  });
}
