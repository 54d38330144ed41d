import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parsedJson } from '../../../core/config/text.ts';
import { documentDecoder } from '../../../core/documents/document-decoder.ts';
import type { Json } from '../../../core/model/metadata.ts';
import { type FormatJob, shapeOf, type Written } from '../format.ts';
import { inOrder, type Ordered } from '../spool.ts';
import { type AvroTarget, AvroWriter, type Encodable } from './avro.ts';
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
  const tables = pfbTables(selection);
  const schemas = tables.map(({ schema }) => schema);
  const target: AvroTarget = { file, schema: pfbSchema(schemas), key, signal };
  const filesTarget: AvroTarget = { ...target, file: join(selection.temporary, 'files.avro-blocks') };
  using others = new AvroWriter(target);
  using files = new AvroWriter(filesTarget, 'blocks');
  await others.write([metadataEntity(Object.keys(pfb?.tables ?? {}), shape.role)]);
  const rows = await writeDocuments(job, tables, { others, files }, remembered);
  await Promise.all([others.close(), files.close()]);
  await pipeline(createReadStream(filesTarget.file), createWriteStream(file, { flags: 'a' }), { signal });
  await rm(filesTarget.file);
  return { rows, name: null };
}

interface Writers {
  readonly others: AvroWriter;
  readonly files: AvroWriter;
}

const documents: Ordered = { id: 'entity_id', value: 'body', from: 'selected' };

/** @returns the number of entities */
async function writeDocuments(job: FormatJob, tables: readonly PfbTable[], writers: Writers, remembered: number) {
  const { selection, onProgress } = job;
  const { plugin, entityType } = selection;
  const decode = documentDecoder(plugin, entityType);
  const entities = new DocumentEntities(tables, shapeOf(selection));
  const byName = new Map(tables.map((table) => [table.name, table]));
  const encoded = ({ id, table, entity }: SeenEntity): Encodable =>
    encodedEntity({ id, name: table, object: byName.get(table)?.encode(entity), relations: [] });
  const seen = new FirstSeen(join(selection.temporary, 'entities.jsonl'), remembered);
  let [done, count] = [0, 0];
  const bodies = inOrder(selection, documents, join(selection.temporary, 'bodies.jsonl'));
  for await (const some of bodies) {
    const found = some.map((body) => entities.of(decode(parsedJson(body) as Readonly<Record<string, Json>>)));
    const first = await seen.first(found.flatMap(({ inner }) => inner));
    const files = found.flatMap((one) => one.files);
    await writers.others.write(first.map(encoded));
    await writers.files.write(files.map(encodedEntity));
    count += first.length + files.length;
    done += some.length;
    onProgress(done);
  }
  for await (const rest of seen.rest(selection)) {
    await writers.others.write(rest.map(encoded));
    count += rest.length;
  }
  return count;
}
