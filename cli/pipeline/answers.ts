import { LazuliError } from '../../core/config/errors.ts';
import type { Settings } from '../../core/config/settings.ts';
import type { CatalogStatus } from '../../core/control/catalog-status.ts';
import type { IngestStatus } from '../../core/control/ingest.ts';
import { ingestOf, ownersOf } from '../../core/control/workers.ts';
import type { Standstill } from '../../core/runs/troubles.ts';

/** For a worker's whole answer: one that hangs must not keep who looks. */
const patienceMillis = 3_000;

/** What the workers of a deployment say, each asked at the same time as the others. */
export interface Answers {
  /** null where it doesn't answer */
  readonly ingest: IngestStatus | null;
  /** by catalog; absent where its owner doesn't answer */
  readonly catalogs: ReadonlyMap<string, CatalogStatus>;
  /** why there is no answer: of ingest under null, else by catalog */
  readonly unanswered: ReadonlyMap<string | null, Standstill>;
}

/** @throws LazuliError `unavailable` where no worker answers at all */
export async function askWorkers(settings: Settings): Promise<Answers> {
  const owners = ownersOf(settings, patienceMillis);
  const [ingest, ...told] = await Promise.all([
    orFailure(ingestOf(settings, patienceMillis).status()),
    ...owners.map(({ owner }) => orFailure(owner.status())),
  ]);
  const failures = [ingest, ...told].filter((one) => one instanceof LazuliError);
  if (failures.length > told.length) throw failures[0];
  const unanswered = new Map<string | null, Standstill>();
  const catalogs = new Map<string, CatalogStatus>();
  for (const [i, { catalogs: own }] of owners.entries()) {
    const answer = told[i];
    if (answer instanceof LazuliError) for (const name of own) unanswered.set(name, unansweredOf(answer));
    else for (const [name, status] of Object.entries(answer?.catalogs ?? {})) catalogs.set(name, status);
  }
  if (ingest instanceof LazuliError) unanswered.set(null, unansweredOf(ingest));
  return { ingest: ingest instanceof LazuliError ? null : ingest, catalogs, unanswered };
}

/** The code of a standstill of which nothing is known but that a worker, or OpenSearch, doesn't answer. */
export const unansweredCode = 'unanswered';

const unansweredOf = ({ message }: LazuliError): Standstill => ({
  ...{ code: unansweredCode, reason: message, since: Date.now() },
});

const orFailure = <T>(answer: Promise<T>): Promise<T | LazuliError> =>
  answer.catch((error: unknown) => {
    if (error instanceof LazuliError) return error;
    throw error;
  });
