import type { CatalogStatus } from '../../core/control/catalog-status.ts';
import type { IngestStatus } from '../../core/control/ingest.ts';
import type { PipelineState } from '../../core/health/pipeline.ts';
import type { CatalogFacts } from '../../core/runs/facts.ts';
import type { KnownStage, Standstill } from '../../core/runs/troubles.ts';
import type { Answers } from './answers.ts';
import type { Indexed } from './search.ts';

/** What a command has found out itself of a catalog. */
export interface Observed {
  readonly indexed: Indexed;
  /** keys of staged files that are gone */
  readonly gone: readonly string[];
  /** keys of manifests that can't be read */
  readonly damaged: readonly string[];
  /** staged additions that the store lacks; null where that can't be told at the moment */
  readonly missing: number | null;
}

/**
 * What is known of the stages of a catalog: what workers say, what they reported last where they don't answer, and what was
 * found out beside them, which is newer.
 */
export function knownStages(
  catalog: string,
  answers: Answers,
  reported: PipelineState,
  observed: Observed,
): readonly KnownStage[] {
  const { ingest, catalogs, unanswered } = answers;
  const state = catalogs.get(catalog);
  const ofIngest = { stage: 'ingest', catalog: null, facts: null } as const;
  const refused = ingest === null ? undefined : refusalOf(ingest, catalog);
  const report = reported.stages.find((one) => one.stage === 'transform' && one.catalog === catalog)?.report;
  return [
    { ...ofIngest, paused: unanswered.get(null) ?? (ingest && pauseOf(ingest)) },
    ...(refused === undefined ? [] : [{ ...ofIngest, catalog, paused: refused }]),
    {
      stage: 'transform',
      catalog,
      paused: unanswered.get(catalog) ?? state?.pause ?? observed.indexed.problem,
      facts: withObserved(state?.facts ?? report?.facts ?? null, state?.layout, observed),
    },
  ];
}

function pauseOf({ paused }: IngestStatus): Standstill | null {
  if (paused === null) return null;
  const { code = 'unexpected', reason, remedy, since } = paused;
  return { code, reason, ...(remedy === null ? {} : { remedy }), since };
}

/** Why ingest doesn't work on a catalog; undefined where it does. */
export function refusalOf({ refused }: IngestStatus, catalog: string): Standstill | undefined {
  if (!Object.hasOwn(refused, catalog)) return undefined;
  return { code: 'catalog_refused', reason: `refused: ${refused[catalog]}`, since: 0 };
}

function withObserved(
  told: CatalogFacts | null,
  layout: CatalogStatus['layout'] | undefined,
  { indexed, gone, damaged, missing }: Observed,
): CatalogFacts | null {
  if (told === null) return null;
  const [first] = damaged;
  // A generation of another layout may have other entity types.
  const absent = layout === 'current' ? [...told.absent, ...indexed.absent] : told.absent;
  return {
    ...told,
    absent: [...new Set(absent)],
    staged: {
      files: { number: gone.length, first: gone[0] ?? null },
      missing: missing ?? told.staged?.missing ?? 0,
      unreadable: first === undefined ? (told.staged?.unreadable ?? null) : `${first} is not what was staged`,
    },
  };
}
