import type { RecordBatch, Schema } from 'apache-arrow';
import { LazuliError } from '../core/config/errors.ts';
import type { BundleFqid } from '../core/model/bundle.ts';
import type { MetadataPlugin } from '../core/model/metadata.ts';
import { documentsTable, type NormalizedBundle } from '../core/model/normalized.ts';
import { CoreTable, EntitiesTable, MembersTable } from '../core/staged/arrow/core-tables.ts';
import { RowsTable } from '../core/staged/arrow/rows-table.ts';
import { FieldError, type TableBuilder } from '../core/staged/arrow/table.ts';
import {
  bundlesTable,
  entitiesTable,
  type Manifest,
  membersTable,
  optionalColumns,
  stagedTables,
} from '../core/staged/layout.ts';
import { attributesText, bundleKey, type StagedCopy } from './bundle-key.ts';
import { CheckedRelations } from './checked-relations.ts';
import { faulty } from './plugin-faults.ts';

/** Distinguishes copies within a batch, which is of one version of the plug-in. */
type CopyInBatch = Omit<StagedCopy, 'normalizerVersion'>;

/** Something to stage: an addition with what it was made of, a deletion or an undeletion. */
export type Staged = CopyInBatch & {
  /** null where nothing is added */
  readonly normalized: NormalizedBundle | null;
  /** size as fetched */
  readonly bytes: number;
};

/**
 * The rows of one micro-batch of one catalog, in memory. A bundle that is refused leaves no trace.
 */
export class Batch {
  readonly #plugin: MetadataPlugin;
  readonly #relations: CheckedRelations;
  readonly #bundles = new CoreTable(bundlesTable);
  readonly #members = new MembersTable(membersTable);
  readonly #entities: EntitiesTable;
  readonly #byName: ReadonlyMap<string, RowsTable>;
  readonly #tables: readonly TableBuilder[];
  readonly #keys = new Set<bigint>();
  #manifestBundles: Manifest['bundles'][number][] = [];
  #bytes = 0;

  constructor(plugin: MetadataPlugin) {
    this.#plugin = plugin;
    this.#relations = new CheckedRelations(plugin);
    const staged = new Map(stagedTables(plugin).map((table) => [table.name, table]));
    const pick = (name: string) => staged.get(name) ?? { name, columns: [] };
    this.#entities = new EntitiesTable(pick(entitiesTable));
    const rowsTables = [
      new RowsTable(pick(documentsTable)),
      ...Object.entries(plugin.tables).map(
        ([name, declared]) => new RowsTable(pick(name), declared, optionalColumns(plugin, name)),
      ),
    ];
    this.#byName = new Map(rowsTables.map((table) => [table.name, table]));
    this.#tables = [this.#bundles, this.#entities, this.#members, ...rowsTables];
  }

  /** in all tables together */
  get rows(): number {
    let rows = 0;
    for (const table of this.#tables) rows += table.rows;
    return rows;
  }

  get bundles(): readonly Manifest['bundles'][number][] {
    return this.#manifestBundles;
  }

  /** of the bundles as fetched */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether this very copy is in the batch already. */
  has(copy: CopyInBatch): boolean {
    return this.#keys.has(this.#keyOf(copy));
  }

  /** @throws LazuliError `bundle_invalid` or `plugin_faulty`, naming bundle, entity and field */
  add(staged: Staged): void {
    const key = this.#keyOf(staged);
    if (this.#keys.has(key)) return;
    try {
      this.#append(staged);
    } catch (error) {
      for (const table of this.#tables) table.rollBack();
      throw error instanceof LazuliError ? error.at({ bundle: printed(staged.fqid) }) : error;
    }
    for (const table of this.#tables) table.seal(key);
    this.#keys.add(key);
    this.#bytes += staged.bytes;
    const { action, number, fqid } = staged;
    this.#manifestBundles.push({ action, number, source: fqid.source, uuid: fqid.uuid, version: fqid.version });
  }

  /** Tables that have rows. */
  recordBatches(): readonly { readonly name: string; readonly schema: Schema; readonly batch: RecordBatch }[] {
    return this.#tables
      .filter((table) => table.rows > 0)
      .map((table) => ({ name: table.name, schema: table.schema, batch: table.recordBatch() }));
  }

  /** Forgets everything but the room that it took, for the next batch. Record batches aren't valid any more. */
  clear(): void {
    for (const table of this.#tables) table.clear();
    this.#keys.clear();
    this.#manifestBundles = [];
    this.#bytes = 0;
  }

  #keyOf({ action, fqid, number, contentHash, attributes }: CopyInBatch): bigint {
    const normalizerVersion = this.#plugin.version;
    return bundleKey({ action, fqid, number, normalizerVersion, contentHash, attributes });
  }

  #append({ action, fqid, number, contentHash, attributes, normalized }: Staged): void {
    try {
      this.#bundles.append(
        ...[action, fqid.source.id, fqid.source.spec, fqid.uuid, fqid.version, number],
        ...[this.#plugin.version, contentHash, attributesText(attributes)],
      );
    } catch (cause) {
      throw located(cause);
    }
    if (normalized === null) return;
    this.#relations.check(normalized);
    this.#appendRows(normalized.rows);
    this.#members.append(normalized.sets);
    this.#appendEntities(normalized);
  }

  #appendRows(rows: NormalizedBundle['rows']): void {
    for (const [table, numbers] of this.#byTable(rows)) {
      try {
        table.append(numbers, rows);
      } catch (cause) {
        throw located(cause, (index) => {
          const number = numbers[index] as number;
          return `${table.name}/${rows[number]?.id ?? `#${number}`}`;
        });
      }
    }
  }

  /** Numbers of rows. */
  #byTable(rows: NormalizedBundle['rows']): ReadonlyMap<RowsTable, readonly number[]> {
    const numbers = new Map<RowsTable, number[]>();
    rows.forEach(({ table: name }, number) => {
      const table = this.#rowsTable(name);
      const known = numbers.get(table);
      if (known === undefined) numbers.set(table, [number]);
      else known.push(number);
    });
    return numbers;
  }

  #rowsTable(name: string): RowsTable {
    const table = this.#byName.get(name);
    if (table !== undefined) return table;
    throw faulty(`There is no table '${name}'`, { entity: name, field: '$' });
  }

  #appendEntities({ entities }: NormalizedBundle): void {
    try {
      this.#entities.append(entities);
    } catch (cause) {
      throw located(cause, (index) => `${entities[index]?.type}/${entities[index]?.id}`);
    }
  }
}

/** A bundle as errors name it. */
function printed({ uuid, version }: BundleFqid): string {
  return `${uuid}.${version}`;
}

/**
 * What was refused, with its place.
 *
 * @param entityOf the entity at that place among those that were appended together
 */
function located(cause: unknown, entityOf?: (index: number) => string): unknown {
  if (!(cause instanceof FieldError)) return cause;
  const entity = entityOf?.(cause.index);
  return new LazuliError('bundle_invalid', `'${cause.field}' ${cause.message}`, {
    place: { ...(entity !== undefined && { entity }), field: cause.field },
    remedy: 'Correct the metadata, then notify again or redrive.',
    cause,
  });
}
