import type { Bundle } from '../../../core/model/bundle.ts';
import { parseVerbatim } from '../../../core/model/json.ts';
import type { Json, MetadataPlugin } from '../../../core/model/metadata.ts';
import {
  documentsTable,
  type NormalizedBundle,
  type NormalizedEntity,
  type NormalizedRow,
} from '../../../core/model/normalized.ts';
import { systemClock } from '../../../core/runtime/clock.ts';
import { noFaults, type ObjectStore } from '../../../core/runtime/ports.ts';
import { newBatchId } from '../../../core/staged/layout.ts';
import { Batch } from '../../../ingest/batch.ts';
import { normalizeContents } from '../../../ingest/normalize.ts';
import { readBatch } from '../../../ingest/outdated/read.ts';
import { closeBatch, stage } from '../../../ingest/stage.ts';
import { reassemble } from '../../../ingest/verbatim/reassemble.ts';
import { nameOf } from '../../../plugins/battery/listed.ts';
import { canonical } from '../../rigs/hca/canonical.ts';

const limits = { bytes: 2 ** 20, maxValueBytes: 2 ** 25 };

/** A bundle, and what can be put together of what was staged of it. */
interface Reassembled {
  readonly bundle: Bundle;
  readonly contents: Json;
}

/** Stages bundles as one batch, as ingest does, and reads it from its Parquet files. */
export async function* stagedAndBack(
  plugin: MetadataPlugin,
  bundles: readonly Bundle[],
  store: ObjectStore,
): AsyncGenerator<Reassembled> {
  const batch = new Batch(plugin);
  for (const { fqid, ...read } of bundles) {
    const normalized = normalizeContents(plugin, fqid, () => read, limits);
    const attributes = read.repository;
    batch.add({ action: 'add', fqid, number: 0, contentHash: '', attributes, normalized, bytes: limits.bytes });
  }
  const now = systemClock.now();
  const closed = closeBatch(batch, { catalog: 'battery', plugin, id: newBatchId(now, {}), now });
  await stage(closed, { store, putPointer: async () => {}, fault: noFaults, clock: systemClock });
  const byName = new Map(bundles.map((bundle) => [nameOf(bundle.fqid), bundle]));
  for await (const { fqid, documents } of readBatch(closed.manifest, store)) {
    const bundle = byName.get(nameOf(fqid));
    if (bundle !== undefined) yield { bundle, contents: reassemble(documents) };
  }
}

/** The order of members in the text of a document has no meaning. */
const parsed = ({ values, ...row }: NormalizedRow) => ({
  ...row,
  values: { ...values, contents: parseVerbatim(String(values.contents)) },
});

/** What a bundle says, however its rows and sets are numbered: for each entity its rows by role. */
export function meaningOf({ rows, sets, entities }: NormalizedBundle): readonly string[] {
  const texts = rows.map((row) => canonical(row.table === documentsTable ? parsed(row) : row));
  const rowsOf = (set: number) => (sets[set - 1] ?? []).map((row) => texts[row]).sort();
  const entity = ({ type, id, sets: own }: NormalizedEntity) =>
    JSON.stringify([
      type,
      id,
      Object.entries(own)
        .map(([role, set]) => [role, rowsOf(set)])
        .sort(),
    ]);
  return [...entities.map(entity), ...texts].sort();
}
