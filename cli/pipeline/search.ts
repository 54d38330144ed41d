import { z } from 'zod';
import { indexPrefix } from '../../core/config/search-names.ts';
import type { Settings } from '../../core/config/settings.ts';
import { readAlias } from '../../core/documents/index-layout.ts';
import { withSlash } from '../../core/http/ask.ts';
import { askJson } from '../../core/http/ask-json.ts';

/** Nothing was left out; where there is no index, there are no shards. */
const counted = z
  .looseObject({ total: z.int(), successful: z.int(), failed: z.literal(0) })
  .refine(({ total, successful }) => successful === total);
const countSchema = z.looseObject({ count: z.int(), _shards: counted });
const refreshSchema = z.looseObject({ _shards: z.looseObject({ failed: z.literal(0) }) });

/** Documents of one entity type that a search finds now; 0 while there is no index. */
export async function countDocuments(
  { opensearch, deployment }: Settings,
  catalog: string,
  entityType: string,
): Promise<number> {
  const path = `${readAlias(deployment, catalog, entityType)}/_count?ignore_unavailable=true&allow_no_indices=true`;
  return (await askJson('OpenSearch', new URL(path, withSlash(opensearch.url)).href, countSchema)).count;
}

/** Makes everything written so far visible to searches. */
export async function refresh({ opensearch, deployment }: Settings): Promise<void> {
  const path = `${indexPrefix(deployment)}*/_refresh?allow_no_indices=true`;
  await askJson('OpenSearch', new URL(path, withSlash(opensearch.url)).href, refreshSchema, {});
}
