import { parsedJson } from '../../../core/config/text.ts';
import { documentDecoder } from '../../../core/documents/document-decoder.ts';
import { idColumn } from '../../../core/model/fields.ts';
import type { HandOver } from '../../../core/model/manifests.ts';
import type { Json } from '../../../core/model/metadata.ts';
import { type Selection, shapeOf } from '../format.ts';
import type { Encodable } from './avro.ts';
import { type DocumentRoles, rolesIn } from './document-roles.ts';
import { encodedEntity, encodedRelations, type PfbRelation } from './entities.ts';
import { EntityIds } from './entity-ids.ts';
import type { SeenEntity } from './first-seen.ts';
import type { PfbTable } from './terra-tables.ts';

type Inner = Readonly<Record<string, unknown>>;

/** What one document gives. */
interface Given {
  /** what its file is related to, but for what the file of the document before is related to as well */
  readonly inner: readonly SeenEntity[];
  /** the file with its related ones */
  readonly files: readonly Encodable[];
}

/** The entities of one role, and JSON that says all of them. */
interface Role {
  readonly json: Buffer;
  readonly entities: readonly SeenEntity[];
}

/** JSON of a role that a document doesn't have, and what no role is. */
const [empty, unequal] = [Buffer.from('[]'), Buffer.from('{}')];
const nothing: Role = { json: empty, entities: [] };
const idMember = Buffer.from(JSON.stringify(idColumn));

/**
 * Makes entities of documents (specification, manifests 7.3). Roles that are the same as in the document before are not even
 * parsed: documents of a bundle have most in common.
 */
export class DocumentEntities {
  readonly #ids = new EntityIds();
  readonly #decode: ReturnType<typeof documentDecoder>;
  readonly #others: readonly string[];
  readonly #files: PfbTable | undefined;
  readonly #handOver: HandOver | undefined;
  readonly #related: string | undefined;
  readonly #last = new Map<string, Role>();
  #relations: Encodable = [];
  /** JSON of the sources of the document before, and the id of the first one */
  #sources = unequal;
  #source: string | null = null;

  constructor(selection: Selection, tables: readonly PfbTable[]) {
    const { file, pfb } = shapeOf(selection);
    const { role, related } = file;
    this.#decode = documentDecoder(selection.plugin, selection.entityType);
    this.#others = tables.map(({ name }) => name).filter((name) => name !== role);
    this.#files = tables.find(({ name }) => name === role);
    this.#related = related;
    this.#handOver = pfb?.handOver;
  }

  /** @param body JSON of the document, as indexed */
  of(body: Buffer): Given {
    const document = rolesIn(body, (role) => this.#last.get(role)?.json);
    this.#meet(document.sources ?? empty);
    const inner: SeenEntity[] = [];
    let isChanged = false;
    for (const role of this.#others) {
      const entities = this.#changed(role, document);
      if (entities === null) continue;
      inner.push(...entities);
      isChanged = true;
    }
    if (isChanged) this.#relate();
    return { inner, files: this.#filesOf(document) };
  }

  /** Entities that are handed over name their source. */
  #meet(sources: Buffer): void {
    if (this.#handOver === undefined || this.#sources.equals(sources)) return;
    const [first] = parsedJson(sources) as readonly { readonly id: string }[];
    this.#source = first?.id ?? null;
    this.#sources = Buffer.from(sources);
    this.#last.clear();
  }

  /** @returns the entities of a role; null where they are the same as in the document before */
  #changed(role: string, document: DocumentRoles): readonly SeenEntity[] | null {
    const { roles, texts } = document;
    const last = this.#last.get(role) ?? nothing;
    const json = roles.get(role) ?? empty;
    if (texts === undefined && json === last.json) return null;
    const hasIds = json.includes(idMember);
    // Such roles differ in each document, and nothing refers to them.
    if (!hasIds && last.entities.length === 0) return null;
    const found = hasIds ? this.#read(role, document) : [];
    const entities = found.flatMap((entity) => this.#identified(role, entity));
    const kept = json === empty ? empty : Buffer.from(json);
    this.#last.set(role, { json: texts === undefined ? kept : unequal, entities });
    return entities;
  }

  #relate(): void {
    const all = [...this.#last.values()].flatMap(({ entities }) => entities);
    this.#relations = encodedRelations(all.map(({ id, table }) => ({ id, name: table })).sort(byTable));
  }

  #filesOf(document: DocumentRoles): readonly Encodable[] {
    const table = this.#files;
    if (table === undefined) return [];
    const { name } = table;
    return this.#read(name, document)
      .flatMap((file) => [file, ...this.#relatedOf(file)])
      .flatMap((file) => this.#identified(name, file))
      .map(({ id, entity }) => encodedEntity({ id, name, object: table.encode(entity), relations: this.#relations }));
  }

  #read(role: string, { roles, texts }: DocumentRoles): readonly Inner[] {
    const contents = { [role]: parsedJson(roles.get(role) ?? empty) as Json };
    const whole = texts === undefined ? { contents } : { contents, _texts: parsedJson(texts) as Json };
    return this.#decode(whole).contents[role] ?? [];
  }

  #relatedOf(file: Inner): readonly Inner[] {
    const related = this.#related === undefined ? [] : file[this.#related];
    return Array.isArray(related) ? related : [];
  }

  /** What has no id is nothing that could be referred to. */
  #identified(table: string, entity: Inner): readonly SeenEntity[] {
    const id = entity[idColumn];
    const ids = (Array.isArray(id) ? id : [id]).filter((one) => typeof one === 'string');
    return ids.length === 0 ? [] : [{ id: this.#ids.of(table, ids), table, entity: this.#handedOver(entity) }];
  }

  #handedOver(entity: Inner): Inner {
    if (this.#handOver === undefined) return entity;
    return { ...entity, [this.#handOver.rowIds]: entity[idColumn], [this.#handOver.source]: this.#source };
  }
}

function byTable(a: PfbRelation, b: PfbRelation): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}
