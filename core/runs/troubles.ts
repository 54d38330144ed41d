import { z } from 'zod';
import type { CatalogFacts, StagedFacts } from './facts.ts';

/** Why a stage stands still: a code of the error catalogue, `halted`, `silent`, `unexpected`, or the name of an error; `since` in milliseconds since the epoch. */
export const standstillSchema = z.object({
  code: z.string(),
  reason: z.string(),
  remedy: z.string().optional(),
  since: z.number(),
});
export type Standstill = z.output<typeof standstillSchema>;

/** What is known of a stage, from itself or from its last report. */
export interface KnownStage {
  readonly stage: 'ingest' | 'transform';
  /** null where a stage is that of all catalogs */
  readonly catalog: string | null;
  /** null where it goes on */
  readonly paused: Standstill | null;
  /** null where nobody says */
  readonly facts: CatalogFacts | null;
}

/** Something that isn't as it should be, and what a person does about it. */
export interface Trouble {
  /**
   * Why the stage stands still (see `Standstill`), or `unconfirmed`, `index_missing`, `unserved`, `outdated`,
   * `files_missing`, `files_damaged`, `bundles_missing`.
   */
  readonly code: string;
  readonly stage: KnownStage['stage'];
  readonly catalog: string | null;
  readonly reason: string;
  readonly remedy: string;
}

/**
 * What isn't as it should be of a stage: the only place that decides this. Status, its exit code and `/health` all show
 * what it says.
 */
export function troublesOf({ stage, catalog, paused, facts }: KnownStage): readonly Trouble[] {
  const of = `--catalog ${catalog ?? '<name>'}`;
  const found = [...(paused === null ? [] : [pauseOf(stage, paused)]), ...(facts === null ? [] : ofFacts(facts, of))];
  return found.map(({ code, reason, remedy }) => ({ code, stage, catalog, reason, remedy }));
}

type Found = Pick<Trouble, 'code' | 'reason' | 'remedy'>;

const byCode: Readonly<Record<string, string>> = {
  silent: 'Start its worker again; its log says why it ended.',
  unanswered: 'Start it where it does not run; else ask again later: it may have too much to do.',
  index_unavailable: 'Remove the cause that OpenSearch names; work goes on by itself.',
  catalog_refused: 'Correct its configuration or its plug-in, as the reason says, and start the worker again.',
  unexpected: 'It tries again by itself. Its log has the statement that failed: correct the plug-in, or report it.',
};
const waits = 'Nothing needs to be done where the cause passes by itself: it tries again. Its log says more.';

function pauseOf(stage: KnownStage['stage'], { code, reason, remedy }: Standstill): Found {
  const resumed = stage === 'ingest' ? 'ingest' : 'emit';
  const known = code === 'halted' ? `Run \`lazuli resume ${resumed}\`.` : byCode[code];
  return { code, reason, remedy: remedy ?? known ?? waits };
}

/** @param of the option that names the catalog */
function ofFacts({ staged, ...facts }: CatalogFacts, of: string): readonly Found[] {
  const { generation, isCurrent, isBuilding, absent, unconfirmed } = facts;
  const found: Found[] = [];
  if (unconfirmed !== null)
    found.push({
      code: 'unconfirmed',
      reason: `Run ${unconfirmed.run} waits for a yes: ${unconfirmed.reason}`,
      remedy: `Find out why so much would vanish. If it is right: \`lazuli runs resume --accept-vanished ${of}\`; if not: correct that, or \`lazuli runs cancel ${of}\`.`,
    });
  if (absent.length > 0)
    found.push({
      code: 'index_missing',
      reason: `Of generation ${generation}, which serves, there is no index of ${absent.join(', ')}`,
      remedy: `Build another one: \`lazuli reindex ${of}\`.`,
    });
  if (generation === null && !isBuilding)
    found.push({
      code: 'unserved',
      reason: 'No generation serves, and none is being built',
      remedy: `Build one: \`lazuli reindex ${of}\`. \`lazuli runs list ${of}\` says what became of the last run.`,
    });
  if (generation !== null && !isCurrent && !isBuilding)
    found.push({
      code: 'outdated',
      reason: `Generation ${generation} serves and is not kept current`,
      remedy: `Let the run that waits go on, if one does; else build another one: \`lazuli reindex ${of}\`.`,
    });
  return staged === null ? found : [...found, ...ofStaged(staged, of)];
}

function ofStaged({ files, missing, unreadable }: StagedFacts, of: string): readonly Found[] {
  const found: Found[] = [];
  const again = `Restore it from a backup, or have everything fetched and staged again: \`lazuli reindex --from repository ${of}\`. \`lazuli verify --deep ${of}\` lists all that is damaged.`;
  if (files.number > 0)
    found.push({
      code: 'files_missing',
      reason: `${files.number} staged files are gone, such as ${files.first}`,
      remedy: again,
    });
  if (unreadable !== null)
    found.push({ code: 'files_damaged', reason: `What is staged can not be read: ${unreadable}`, remedy: again });
  if (missing > 0)
    found.push({
      code: 'bundles_missing',
      reason: `${missing} bundle versions are staged and not in the store`,
      remedy: `Redrive dead letters of batches first, if there are any. Then load what is staged once more: \`lazuli recompute --since TRIM_HORIZON ${of}\`.`,
    });
  return found;
}
