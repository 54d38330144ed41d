import { z } from 'zod';
import type { Spread } from '../../core/config/catalogs.ts';
import { LazuliError } from '../../core/config/errors.ts';
import { indexName, readAlias } from '../../core/documents/index-layout.ts';
import type { Logger } from '../../core/runtime/logger.ts';
import { acknowledged, checked } from '../sink/answers.ts';
import type { SearchCluster } from '../sink/search-cluster.ts';

/** Indices of one catalog, and how they are to be spread. */
export interface SpreadOf {
  readonly cluster: SearchCluster;
  readonly deployment: string;
  readonly catalog: string;
  /** absent: by default */
  readonly index?: Spread | undefined;
}

const byDefault: Spread = { shards: 1 };

const health = z.object({ number_of_data_nodes: z.int() });
const [shardsSetting, replicasSetting] = ['index.number_of_shards', 'index.number_of_replicas'] as const;
const spread = z.object({
  settings: z.object({ [shardsSetting]: z.coerce.number().int(), [replicasSetting]: z.coerce.number().int() }),
});
const spreads = z.record(z.string(), spread);
const someSpreads = spreads.refine((found) => Object.keys(found).length > 0);

/** Settings of an index that is made now. @throws LazuliError `index_unavailable` */
export async function spreadSettings(of: SpreadOf) {
  const wanted = await wantedReplicas(of);
  return { number_of_shards: wantedShards(of), number_of_replicas: wanted(0) };
}

/** Those of an index that is made now. */
export const wantedShards = ({ index = byDefault }: SpreadOf): number => index.shards;

/**
 * The most shards that an index of a generation has.
 *
 * @throws LazuliError `index_unavailable`
 */
export async function shardsOf(of: SpreadOf, generation: number): Promise<number> {
  return Math.max(0, ...(await readSpreads(of, generation)).map(([, { shards }]) => shards));
}

/**
 * Gives the indices of all generations as many copies as are wanted now, in place. By default copies are added when the
 * cluster has grown, and never taken away because nodes are missing: yellow shows that they can't be placed.
 * What OpenSearch refuses is logged, and tried again the next time: everything else goes on.
 */
export async function keepReplicas(of: SpreadOf & { readonly logger: Logger }): Promise<void> {
  try {
    await setReplicas(of, await wantedReplicas(of), of.logger);
  } catch (error) {
    if (!(error instanceof LazuliError)) throw error;
    of.logger.warn({ catalog: of.catalog, err: error }, 'the number of copies of indices can not be looked after');
  }
}

async function setReplicas(of: SpreadOf, wanted: Wanted, logger: Logger): Promise<void> {
  for (const [index, { replicas: before }] of await readSpreads(of, '*')) {
    const replicas = wanted(before);
    if (replicas === before) continue;
    const settings = { index: { number_of_replicas: replicas } };
    const change = of.cluster.request('PUT', `/${index}/_settings`, settings);
    await checked(change, `set the number of copies of ${index}`, acknowledged);
    logger.info({ catalog: of.catalog, index, before, replicas }, 'another number of copies');
  }
}

/** How many copies there are to be, where there are so many. */
type Wanted = (present: number) => number;

async function wantedReplicas({ cluster, index }: SpreadOf): Promise<Wanted> {
  const { replicas } = index ?? byDefault;
  if (replicas !== undefined) return () => replicas;
  const asked = cluster.request('GET', '/_cluster/health');
  const { number_of_data_nodes: nodes } = await checked(asked, 'tell how many nodes there are', health);
  return (present) => Math.max(present, nodes < 2 ? 0 : 1);
}

type Found = readonly (readonly [string, { readonly shards: number; readonly replicas: number }])[];

async function readSpreads(of: SpreadOf, generation: number | '*'): Promise<Found> {
  const all = `${readAlias(of.deployment, of.catalog, '*')}_g*`;
  const pattern = encodeURIComponent(generation === '*' ? all : indexName({ ...of, entityType: '*', generation }));
  const path = `/${pattern}/_settings/${shardsSetting},${replicasSetting}`;
  const asked = of.cluster.request('GET', path, undefined, { flat_settings: 'true', allow_no_indices: 'true' });
  const expected = generation === '*' ? spreads : someSpreads;
  const answer = await checked(asked, `tell the settings of ${of.catalog}`, expected);
  return Object.entries(answer).map(([name, { settings }]) => [
    name,
    { shards: settings[shardsSetting], replicas: settings[replicasSetting] },
  ]);
}
