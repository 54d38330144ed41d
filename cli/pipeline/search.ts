import { z } from 'zod';
import { LazuliError } from '../../core/config/errors.ts';
import { indexPrefix } from '../../core/config/search-names.ts';
import type { Settings } from '../../core/config/settings.ts';
import { readAlias } from '../../core/documents/index-layout.ts';
import { withSlash } from '../../core/http/ask.ts';
import { askJson } from '../../core/http/ask-json.ts';
import type { Standstill } from '../../core/runs/troubles.ts';
import { unansweredCode } from './answers.ts';

/** Nothing was left out; where there is no index, there are no shards. */
const counted = z
  .looseObject({ total: z.int(), successful: z.int(), failed: z.literal(0) })
  .refine(({ total, successful }) => successful === total);
const countSchema = z.looseObject({ count: z.int(), _shards: counted });
const refreshSchema = z.looseObject({ _shards: z.looseObject({ failed: z.literal(0) }) });

/** For an answer of OpenSearch: it is asked how many documents there are. */
const patienceMillis = 3_000;

/** What searches find of a catalog. */
export interface Indexed {
  /** documents by entity type; empty where nobody says */
  readonly counts: Readonly<Record<string, number>>;
  /** entity types of which no index serves */
  readonly absent: readonly string[];
  /** why it can't be told; null where it can */
  readonly problem: Standstill | null;
}

export async function indexedIn(settings: Settings, catalog: string, types: readonly string[]): Promise<Indexed> {
  try {
    const counts = await Promise.all(
      types.map(async (type) => [type, await countDocuments(settings, catalog, type)] as const),
    );
    return {
      counts: Object.fromEntries(counts.map(([type, count]) => [type, count ?? 0])),
      absent: counts.flatMap(([type, count]) => (count === null ? [type] : [])),
      problem: null,
    };
  } catch (error) {
    if (!(error instanceof LazuliError)) throw error;
    return { counts: {}, absent: [], problem: { code: unansweredCode, reason: error.message, since: Date.now() } };
  }
}

/** Documents of one entity type that a search finds now; null while there is no index. */
async function countDocuments(
  { opensearch, deployment }: Settings,
  catalog: string,
  entityType: string,
): Promise<number | null> {
  const path = `${readAlias(deployment, catalog, entityType)}/_count?ignore_unavailable=true&allow_no_indices=true`;
  const url = new URL(path, withSlash(opensearch.url)).href;
  const { count, _shards } = await askJson('OpenSearch', url, countSchema, undefined, patienceMillis);
  return _shards.total === 0 ? null : count;
}

/** Makes everything written so far visible to searches. */
export async function refresh({ opensearch, deployment }: Settings): Promise<void> {
  const path = `${indexPrefix(deployment)}*/_refresh?allow_no_indices=true`;
  await askJson('OpenSearch', new URL(path, withSlash(opensearch.url)).href, refreshSchema, {});
}
