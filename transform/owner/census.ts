import type { Census } from '../../core/control/catalog-status.ts';
import type { StagedBatches } from '../loading/staged-batches.ts';
import type { Store } from '../store/store.ts';

/** Beyond it sources aren't listed one by one. */
const maxSources = 1000;

/** Counts on a connection of its own, while the catalog's owner works. */
export async function census(store: Store, batches: StagedBatches): Promise<Census> {
  const [totals] = await store.peek(`SELECT
      (SELECT count(*) FROM batches) AS batches, (SELECT coalesce(sum(bundles), 0) FROM batches) AS notifications,
      (SELECT count(*) FROM bundles) AS stored, (SELECT count(*) FROM bundles WHERE selected) AS selected,
      (SELECT count(*) FROM deletions) AS deletions, (SELECT count(*) FROM outbox) AS outbox`);
  const sources =
    await store.peek(`SELECT source_id, min(source_spec) AS source_spec, count(*) AS stored, count(*) FILTER (selected) AS selected
    FROM bundles GROUP BY source_id ORDER BY source_id LIMIT ${maxSources}`);
  const stored = Number(totals?.batches);
  return {
    batches: { staged: stored + (await batches.unloaded()).length, stored },
    notifications: Number(totals?.notifications),
    bundles: {
      stored: Number(totals?.stored),
      selected: Number(totals?.selected),
      deletions: Number(totals?.deletions),
    },
    outbox: Number(totals?.outbox),
    sources: sources.map((row) => ({
      id: String(row.source_id),
      spec: String(row.source_spec),
      stored: Number(row.stored),
      selected: Number(row.selected),
    })),
  };
}
