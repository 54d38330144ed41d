import type { Consumer } from '../streams/consumer.ts';
import type { Logger } from '../streams/logger.ts';
import type { Clock } from '../streams/ports.ts';
import { Reporting } from '../streams/reporting.ts';
import { type Report, type Reports, reportOf } from '../streams/reports.ts';
import type { CatalogProgress } from './catalog-parts.ts';
import { stageOf } from './consumers.ts';
import type { Store } from './store/store.ts';

/** A catalog whose progress is reported. */
export interface ReportedCatalog {
  readonly owner: { readonly progress: Pick<CatalogProgress, 'pause'> };
  readonly store: Pick<Store, 'peek'>;
  readonly consumer: Pick<Consumer, 'status'>;
}

/** Reports how far a catalog is. */
export function reportCatalog(
  catalog: string,
  { owner, store, consumer }: ReportedCatalog,
  parts: { reports: Reports; clock: Clock; logger: Logger },
): Reporting {
  const look = async (at: number, before: Report | null): Promise<Report> => {
    const { pause } = owner.progress;
    const report = reportOf(consumer.status(), at, before);
    const documents = await waiting(store, before?.documents ?? 0);
    return { ...report, documents, paused: report.paused ?? pause };
  };
  return new Reporting({ ...parts, stage: stageOf(catalog), look });
}

/** Documents to be written. A store that can't even count has a worker that is paused, which is reported in any case. */
async function waiting(store: Pick<Store, 'peek'>, before: number): Promise<number> {
  const rows = await store.peek('SELECT count(*) AS outbox FROM outbox').catch(() => null);
  return rows === null ? before : Number(rows[0]?.outbox);
}
