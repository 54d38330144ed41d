import { idColumn } from '../../../core/model/fields.ts';
import type { HandOver, ManifestShape } from '../../../core/model/manifests.ts';
import type { Document } from '../../../core/model/metadata.ts';
import type { PfbEntity, PfbRelation } from './entities.ts';
import { EntityIds } from './entity-ids.ts';
import type { SeenEntity } from './first-seen.ts';
import type { PfbTable } from './terra-tables.ts';

type Inner = Readonly<Record<string, unknown>>;

/** What one document gives: what its file is related to, and the file with its related ones. */
interface Given {
  readonly inner: readonly SeenEntity[];
  readonly files: readonly PfbEntity[];
}

/** Makes entities of documents (specification, manifests 7.3). */
export class DocumentEntities {
  readonly #ids = new EntityIds();
  readonly #others: readonly string[];
  readonly #files: PfbTable | undefined;
  readonly #handOver: HandOver | undefined;
  readonly #related: string | undefined;

  constructor(tables: readonly PfbTable[], { file: { role, related }, pfb }: ManifestShape) {
    this.#others = tables.map(({ name }) => name).filter((name) => name !== role);
    this.#files = tables.find(({ name }) => name === role);
    this.#related = related;
    this.#handOver = pfb?.handOver;
  }

  of({ contents, sources }: Document): Given {
    const source = sources[0]?.id ?? null;
    const inner = this.#others.flatMap((table) =>
      (contents[table] ?? []).flatMap((entity) => this.#identified(table, entity, source)),
    );
    const relations = inner.map(({ id, table }) => ({ id, name: table })).sort(byTable);
    const table = this.#files;
    if (table === undefined) return { inner, files: [] };
    const files = (contents[table.name] ?? []).flatMap((file) => [file, ...this.#relatedOf(file)]);
    return {
      inner,
      files: files
        .flatMap((file) => this.#identified(table.name, file, source))
        .map(({ id, entity }) => ({ id, name: table.name, object: table.encode(entity), relations })),
    };
  }

  #relatedOf(file: Inner): readonly Inner[] {
    const related = this.#related === undefined ? [] : file[this.#related];
    return Array.isArray(related) ? related : [];
  }

  /** What has no id is nothing that could be referred to. */
  #identified(table: string, entity: Inner, source: string | null): readonly SeenEntity[] {
    const id = entity[idColumn];
    const ids = (Array.isArray(id) ? id : [id]).filter((one) => typeof one === 'string');
    return ids.length === 0 ? [] : [{ id: this.#ids.of(table, ids), table, entity: this.#handedOver(entity, source) }];
  }

  #handedOver(entity: Inner, source: string | null): Inner {
    if (this.#handOver === undefined) return entity;
    return { ...entity, [this.#handOver.rowIds]: entity[idColumn], [this.#handOver.source]: source };
  }
}

function byTable(a: PfbRelation, b: PfbRelation): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}
