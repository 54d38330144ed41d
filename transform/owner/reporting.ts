import { transformStage } from '../../core/config/stages.ts';
import type { CatalogProgress } from '../../core/control/catalog-status.ts';
import { Reporting } from '../../core/runs/reporting.ts';
import { type Report, type Reports, reportOf } from '../../core/runs/reports.ts';
import type { Logger } from '../../core/runtime/logger.ts';
import type { Clock } from '../../core/runtime/ports.ts';
import type { LetterCounts } from '../../core/storage/letter-counts.ts';
import type { Consumer } from '../../core/streams/consumer.ts';
import type { Pause } from '../sink/pause.ts';
import type { Store } from '../store/store.ts';

/** A catalog whose progress is reported. */
export interface ReportedCatalog {
  /** null while it isn't taken over */
  readonly open: {
    readonly owner: { readonly progress: Pick<CatalogProgress, 'pause' | 'facts'> };
    readonly store: Pick<Store, 'peek'>;
  } | null;
  /** why it was let go of, if so */
  readonly failure: Pause | null;
}

/** Reports how far a catalog is. */
export function reportCatalog(
  catalog: string,
  reported: ReportedCatalog,
  parts: {
    readonly consumer: Pick<Consumer, 'status'>;
    readonly letters: Pick<LetterCounts, 'latest'>;
    readonly reports: Reports;
    readonly clock: Clock;
    readonly logger: Logger;
  },
): Reporting {
  const look = async (at: number, before: Report | null): Promise<Report> => {
    const { open, failure } = reported;
    const progress = open?.owner.progress;
    const facts = progress?.facts ?? before?.facts;
    const report = reportOf(parts.consumer.status(), at, before);
    const documents = await waiting(open?.store, before?.documents ?? 0);
    // Pointers that came since it failed have had no effect yet.
    const completeUntil = failure === null ? report.completeUntil : (before?.completeUntil ?? failure.since);
    const deadLetters = parts.letters.latest();
    // What a consumer meets while its catalog is let go of only follows from that.
    const paused = failure ?? report.paused ?? progress?.pause ?? null;
    return { ...report, completeUntil, documents, paused, deadLetters, ...(facts && { facts }) };
  };
  return new Reporting({ ...parts, stage: transformStage(catalog), look });
}

/** Documents to be written. A store that can't even count has a worker that is paused, which is reported in any case. */
async function waiting(store: Pick<Store, 'peek'> | undefined, before: number): Promise<number> {
  const rows = await store?.peek('SELECT count(*) AS outbox FROM outbox').catch(() => null);
  return rows === null || rows === undefined ? before : Number(rows[0]?.outbox);
}
