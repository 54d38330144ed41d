import type { AvroRecord, AvroSchema, Encodable } from './avro.ts';
import { branchOf } from './avro.ts';

/** An entity as PFB has it, apart from how Avro encodes it. */
export interface PfbEntity {
  readonly id: string;
  /** of its table */
  readonly name: string;
  readonly object: Encodable;
  /** as `encodedRelations` has them */
  readonly relations: Encodable;
}

export interface PfbRelation {
  readonly id: string;
  readonly name: string;
}

const record = (name: string, fields: Readonly<Record<string, AvroSchema>>): AvroRecord => ({
  type: 'record',
  name,
  fields: Object.entries(fields).map(([field, type]) => ({ name: field, type })),
});
const array = (items: AvroSchema): AvroSchema => ({ type: 'array', items });
const texts: AvroSchema = { type: 'map', values: 'string' };

const metadata = record('Metadata', {
  nodes: array(
    record('Node', {
      name: 'string',
      ontology_reference: 'string',
      values: texts,
      links: array(
        record('Link', {
          multiplicity: {
            type: 'enum',
            name: 'Multiplicity',
            symbols: ['ONE_TO_ONE', 'ONE_TO_MANY', 'MANY_TO_ONE', 'MANY_TO_MANY'],
          },
          dst: 'string',
          name: 'string',
        }),
      ),
      properties: array(record('Property', { name: 'string', ontology_reference: 'string', values: texts })),
    }),
  ),
  misc: texts,
});

/** The schema of a PFB file with these tables (specification, manifests 7.1). */
export function pfbSchema(tables: readonly AvroRecord[]): AvroRecord {
  return {
    type: 'record',
    name: 'Entity',
    fields: [
      { name: 'id', type: ['null', 'string'], default: null },
      { name: 'name', type: 'string' },
      { name: 'object', type: [metadata, ...tables] },
      { name: 'relations', type: array(record('Relation', { dst_id: 'string', dst_name: 'string' })), default: [] },
    ],
  };
}

/**
 * The first record of a file: which tables there are.
 *
 * @param tables names
 * @param linked what all others link to, if anything
 */
export function metadataEntity(tables: readonly string[], linked: string | null): Encodable {
  const links = linked === null ? [] : [{ f0: 'MANY_TO_MANY', f1: linked, f2: linked }];
  const nodes = tables.map((name) => ({ f0: name, f1: '', f2: {}, f3: name === linked ? [] : links, f4: [] }));
  return { f0: null, f1: metadata.name, f2: { [branchOf(metadata.name)]: { f0: nodes, f1: {} } }, f3: [] };
}

/** As `pfbSchema` has it. */
export function encodedEntity({ id, name, object, relations }: PfbEntity): Encodable {
  return { f0: id, f1: name, f2: { [branchOf(name)]: object }, f3: relations };
}

export const encodedRelations = (relations: readonly PfbRelation[]): Encodable =>
  relations.map(({ id, name }) => ({ f0: id, f1: name }));
