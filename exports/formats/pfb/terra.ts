import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { MetadataPlugin } from '../../../core/model/metadata.ts';
import type { Ordered } from '../copied.ts';
import { type FormatJob, type Selection, shapeOf, type Written } from '../format.ts';
import { inOrder } from '../spool.ts';
import { type AvroEncoding, type AvroTarget, AvroWriter, type Encodable, encodingOf } from './avro.ts';
import { encodedEntity, metadataEntity, pfbSchema } from './entities.ts';
import { FirstSeen, maxRemembered, type SeenEntity } from './first-seen.ts';
import { DocumentEntities } from './terra-entities.ts';
import { type PfbTable, pfbTables } from './terra-tables.ts';

/**
 * Files and what they are related to, as PFB (specification, manifests 7). First come all entities that files refer to, then
 * the files, which are written to a file of their own meanwhile.
 *
 * @param remembered ids of entities that are kept in memory
 */
export async function writeTerraPfb(job: FormatJob, remembered = maxRemembered): Promise<Written> {
  const { selection, file, key, signal } = job;
  const { pfb, file: shape } = shapeOf(selection);
  const { tables, encoding } = declaredBy(selection);
  const target: AvroTarget = { file, encoding, key, signal };
  const filesTarget: AvroTarget = { ...target, file: join(selection.temporary, 'files.avro-blocks') };
  using others = new AvroWriter(target);
  using files = new AvroWriter(filesTarget, 'blocks');
  others.add([metadataEntity(Object.keys(pfb?.tables ?? {}), shape.role)]);
  const rows = await writeDocuments(job, tables, { others, files }, remembered);
  await Promise.all([others.close(), files.close()]);
  await pipeline(createReadStream(filesTarget.file), createWriteStream(file, { flags: 'a' }), { signal });
  await rm(filesTarget.file);
  return { rows, name: null };
}

/** What is the same in all exports of a plug-in. */
interface Declared {
  readonly tables: readonly PfbTable[];
  readonly encoding: AvroEncoding;
}

const declared = new WeakMap<MetadataPlugin, Declared>();

function declaredBy(selection: Selection): Declared {
  const known = declared.get(selection.plugin);
  if (known !== undefined) return known;
  const tables = pfbTables(selection);
  const made = { tables, encoding: encodingOf(pfbSchema(tables.map(({ schema }) => schema))) };
  declared.set(selection.plugin, made);
  return made;
}

interface Writers {
  readonly others: AvroWriter;
  readonly files: AvroWriter;
}

/** By bundle: documents of one have most in common. */
const documents: Ordered = { id: 'concat(bundle_uuids[1], entity_id)', value: 'body', from: 'selected' };
/** Documents after which others get a turn. */
const together = 64;

/** @returns the number of entities */
async function writeDocuments(job: FormatJob, tables: readonly PfbTable[], writers: Writers, remembered: number) {
  const { selection, onProgress } = job;
  const entities = new DocumentEntities(selection, tables);
  const byName = new Map(tables.map((table) => [table.name, table]));
  const encoded = ({ id, table, entity }: SeenEntity): Encodable =>
    encodedEntity({ id, name: table, object: byName.get(table)?.encode(entity), relations: [] });
  const seen = new FirstSeen(join(selection.temporary, 'entities.jsonl'), remembered);
  let [done, count] = [0, 0];
  for await (const some of inOrder(selection, documents, join(selection.temporary, 'bodies.jsonl'))) {
    for (const body of some) {
      const { inner, files } = entities.of(body);
      const first = inner.length === 0 ? inner : await seen.first(inner);
      writers.others.add(first.map(encoded));
      writers.files.add(files);
      count += first.length + files.length;
      if (++done % together === 0) await Promise.all([writers.others.room(), writers.files.room()]);
    }
    onProgress(done);
  }
  for await (const rest of seen.rest(selection)) {
    writers.others.add(rest.map(encoded));
    await writers.others.room();
    count += rest.length;
  }
  return count;
}
