import { createReadStream } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { byCodePoint, textOf } from '../../../core/config/text.ts';
import { parseVerbatim } from '../../../core/model/json.ts';
import { type FormatJob, shapeOf, type Written } from '../format.ts';
import { oneLine } from '../lines.ts';
import type { AvroRecord } from './avro.ts';
import { AvroWriter, encodingOf } from './avro.ts';
import { declaredTables } from './declared.ts';
import { encodedEntity, metadataEntity, pfbSchema } from './entities.ts';
import { type Inferred, inferTable, SeenValues } from './inferred.ts';

/** Entities after which others get a turn. */
const together = 64;

/**
 * Verbatim entities as PFB (specification, manifests 8.4). Their schema is declared, or what they look like: they wait in a file
 * until all were seen.
 */
export async function writeVerbatimPfb(job: FormatJob): Promise<Written> {
  const { selection, file, key, signal, onProgress } = job;
  const waiting = join(selection.temporary, 'replicas.txt');
  const seen = new Map<string, SeenValues>();
  await writeFile(waiting, lines(job, seen), { signal });
  const declared = shapeOf(selection).verbatim;
  const tables = declared === undefined ? inferredTables(seen) : declaredTables(declared);
  const schemas = [...tables.values()].map(({ schema }) => schema);
  using writer = new AvroWriter({ file, encoding: encodingOf(pfbSchema(schemas)), key, signal });
  const names = schemas.map(({ name }) => name);
  writer.add([metadataEntity(names, null)]);
  const rows = await writeAll(writer, waiting, tables);
  await writer.close();
  await rm(waiting);
  onProgress(selection.rows);
  return { rows, name: null };
}

function inferredTables(seen: ReadonlyMap<string, SeenValues>): ReadonlyMap<string, Inferred<AvroRecord>> {
  const names = new Set(reservedNames);
  const types = [...seen].sort(([a], [b]) => byCodePoint(a, b));
  return new Map(types.map(([type, values]) => [type, inferTable(type, values, names)]));
}

/** What the container has records of already. */
const reservedNames = ['Entity', 'Metadata', 'Node', 'Link', 'Multiplicity', 'Property', 'Relation'];

/** A line for each entity, all of which are looked at. */
async function* lines({ selection }: FormatJob, seen: Map<string, SeenValues>): AsyncGenerator<Buffer> {
  for await (const some of selection.replicas(line)) {
    for (const one of some) {
      const { type, contents } = replicaOf(textOf(one));
      const values = seen.get(type) ?? new SeenValues();
      seen.set(type, values);
      values.add(parseVerbatim(contents));
    }
    yield Buffer.concat(some);
  }
}

/** SQL of a line: JSON of type and id, a tab, and the contents. */
const line = `concat(${oneLine('to_json([replica_type, document_id])::VARCHAR')}, chr(9), ${oneLine('contents')}, chr(10))`;

function replicaOf(text: string) {
  const tab = text.indexOf('\t');
  const [type, id] = JSON.parse(text.slice(0, tab)) as [string, string];
  return { type, id, contents: text.slice(tab + 1) };
}

async function writeAll(writer: AvroWriter, file: string, tables: ReadonlyMap<string, Inferred<AvroRecord>>) {
  let rows = 0;
  const input = createReadStream(file);
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    const { type, id, contents } = replicaOf(line);
    const table = tables.get(type);
    if (table === undefined) continue;
    const object = table.encode(parseVerbatim(contents));
    writer.add([encodedEntity({ id, name: table.schema.name, object, relations: [] })]);
    if (++rows % together === 0) await writer.room();
  }
  return rows;
}
