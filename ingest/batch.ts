import type { RecordBatch } from 'apache-arrow';
import { LazuliError } from '../config/errors.ts';
import type { BundleFqid, MetadataPlugin } from '../plugins/metadata.ts';
import {
  documentsTable,
  type NormalizedBundle,
  type NormalizedEntity,
  type NormalizedRow,
} from '../plugins/normalized.ts';
import { CoreTable, FieldError, InnerTable, type TableBuilder } from './arrow/table.ts';
import { bundleKey, type StagedCopy } from './bundle-key.ts';
import {
  bundlesTable,
  entitiesTable,
  type Manifest,
  membersTable,
  optionalColumns,
  roleNames,
  stagedTables,
} from './layout.ts';

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
  readonly #roles: readonly string[];
  readonly #bundles = new CoreTable(bundlesTable);
  readonly #members = new CoreTable(membersTable);
  readonly #entities: CoreTable;
  readonly #documents: CoreTable;
  readonly #inner: ReadonlyMap<string, InnerTable>;
  readonly #tables: readonly TableBuilder[];
  readonly #keys = new Set<bigint>();
  readonly #manifestBundles: Manifest['bundles'][number][] = [];
  #bytes = 0;

  constructor(plugin: MetadataPlugin) {
    this.#plugin = plugin;
    this.#roles = roleNames(plugin);
    const staged = new Map(stagedTables(plugin).map((table) => [table.name, table]));
    const pick = (name: string) => staged.get(name) ?? { name, columns: [] };
    this.#entities = new CoreTable(pick(entitiesTable));
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
      this.#append(key, staged);
    } catch (error) {
      this.#tables.forEach((table, i) => {
        table.truncate(before[i] ?? 0);
      });
      throw error instanceof LazuliError ? error.at({ bundle: printed(staged.fqid) }) : error;
    }
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

  #append(key: bigint, { action, fqid, number, contentHash, attributes, normalized }: Staged): void {
    located({}, () =>
      this.#bundles.append(
        ...[key, action, fqid.source.id, fqid.source.spec, fqid.uuid, fqid.version, number],
        ...[this.#plugin.version, contentHash, JSON.stringify(attributes)],
      ),
    );
    if (normalized === null) return;
    normalized.rows.forEach((row, i) => {
      this.#appendRow(key, i, row);
    });
    this.#appendSets(key, normalized);
    for (const entity of normalized.entities) this.#appendEntity(key, entity, normalized.sets.length);
  }

  #appendRow(key: bigint, number: number, row: NormalizedRow): void {
    const entity = `${row.table}/${row.id ?? `#${number}`}`;
    if (row.table === documentsTable) {
      const { pointer, replica_type: type, contents } = row.values;
      located({ entity }, () => this.#documents.append(key, number, row.id, pointer, type ?? null, contents));
      return;
    }
    const table = this.#inner.get(row.table);
    if (table === undefined) {
      throw new LazuliError('bundle_invalid', `There is no table '${row.table}'`, {
        place: { entity },
        remedy: 'Correct the metadata plug-in.',
      });
    }
    located({ entity }, () => table.append(key, number, row));
  }

  #appendSets(key: bigint, { sets, rows }: NormalizedBundle): void {
    sets.forEach((set, i) => {
      for (const row of set) {
        if (row >= rows.length) throw new Error(`Set ${i + 1} has row ${row} of ${rows.length}`);
        this.#members.append(key, i + 1, row);
      }
    });
  }

  #appendEntity(key: bigint, { type, id, sets }: NormalizedEntity, count: number): void {
    for (const role of Object.keys(sets)) {
      if (!this.#roles.includes(role)) throw new Error(`No entity type has role ${role} of ${type}/${id}`);
    }
    const numbers = this.#roles.map((role) => {
      const number = Object.hasOwn(sets, role) ? (sets[role] ?? 0) : 0;
      if (number > count) throw new Error(`Role ${role} of ${type}/${id} has set ${number} of ${count}`);
      return number === 0 ? null : number;
    });
    located({ entity: `${type}/${id}` }, () => this.#entities.append(key, type, id, ...numbers));
  }
}

/** A bundle as errors name it. */
function printed({ uuid, version }: BundleFqid): string {
  return `${uuid}.${version}`;
}

function located(place: { entity?: string }, append: () => void): void {
  try {
    append();
  } catch (cause) {
    if (!(cause instanceof FieldError)) throw cause;
    throw new LazuliError('bundle_invalid', `'${cause.field}' ${cause.message}`, {
      place: { ...place, field: cause.field },
      remedy: 'Correct the metadata, then notify again or redrive.',
      cause,
    });
  }
}
