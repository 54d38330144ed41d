import { z } from 'zod';
import { LazuliError } from '../../core/config/errors.ts';
import {
  indexBody,
  indexName,
  parseIndexName,
  readAlias,
  readAliasFilter,
  refreshIntervals,
  writeAlias,
} from '../../core/documents/index-layout.ts';
import type { MetadataPlugin } from '../../core/model/metadata.ts';
import { acknowledged, checked, refreshed } from '../sink/answers.ts';
import { type SpreadOf, spreadSettings } from './spread.ts';

/** A generation: one index per entity type of a catalog. */
export interface Generation {
  readonly number: number;
  /** whether the service reads it */
  readonly serves: boolean;
  readonly indices: readonly string[];
}

/** Where the generations of a catalog are. */
export interface GenerationsOf extends SpreadOf {
  readonly plugin: MetadataPlugin;
}

const resolved = z.object({
  indices: z.array(z.object({ name: z.string(), aliases: z.array(z.string()).default([]) })),
  aliases: z.array(z.unknown()),
});

/**
 * All generations of a catalog, oldest first. What is asked for tells also that there is none: an empty object says nothing.
 *
 * @throws LazuliError `index_unavailable`
 */
export async function listGenerations({ cluster, deployment, catalog }: GenerationsOf): Promise<readonly Generation[]> {
  const pattern = readAlias(deployment, catalog, '*');
  const path = `/_resolve/index/${encodeURIComponent(pattern)}`;
  const listing = cluster.request('GET', path, undefined, { expand_wildcards: 'all' });
  const { indices: listed } = await checked(listing, 'list indices', resolved);
  const found = new Map<number, { indices: string[]; serving: number }>();
  for (const { name: index, aliases } of listed) {
    const parsed = parseIndexName(index);
    if (parsed === null || parsed.deployment !== deployment || parsed.catalog !== catalog) continue;
    const generation = found.get(parsed.generation) ?? { indices: [], serving: 0 };
    generation.indices.push(index);
    if (aliases.includes(readAlias(deployment, catalog, parsed.entityType))) generation.serving++;
    found.set(parsed.generation, generation);
  }
  return [...found]
    .sort(([a], [b]) => a - b)
    .map(([number, { indices, serving }]) => ({ number, serves: serving > 0, indices: indices.sort() }));
}

/** The index of an entity type in a generation. */
export const indexOf = ({ deployment, catalog }: GenerationsOf, entityType: string, generation: number): string =>
  indexName({ deployment, catalog, entityType, generation });

/** Whether a generation has an index of every entity type. */
export const isWhole = ({ plugin }: GenerationsOf, { indices }: Generation): boolean =>
  indices.length === Object.keys(plugin.entityTypes).length;

/** Creates the indices of a generation with their write aliases, and nothing that serves. */
export async function createGeneration(of: GenerationsOf, generation: number): Promise<void> {
  const settings = await spreadSettings(of);
  const creations = Object.keys(of.plugin.entityTypes).map((entityType) => {
    const name = { deployment: of.deployment, catalog: of.catalog, entityType, generation };
    const body = {
      ...indexBody(of.plugin, entityType, settings),
      aliases: { [writeAlias(name)]: { is_write_index: true } },
    };
    const creation = of.cluster.request('PUT', `/${indexName(name)}`, body);
    return checked(creation, `create index ${indexName(name)}`, acknowledged);
  });
  await Promise.all(creations);
}

/**
 * Lets a generation serve in place of another in one step, for all entity types (invariant 15): it
 * fails when the other one doesn't serve any more. Of one that has lost indices, the rest is replaced; of one with entity
 * types that aren't declared any more, these serve no more either. Whatever doesn't serve any more is refreshed seldom.
 */
export async function swapGenerations(of: GenerationsOf, from: Generation | null, to: number): Promise<void> {
  const aliasOf = (entityType: string) => readAlias(of.deployment, of.catalog, entityType);
  const removals = (from?.indices ?? []).map((index) => {
    const alias = aliasOf(parseIndexName(index)?.entityType ?? '');
    return { remove: { index, alias, must_exist: true } };
  });
  const additions = Object.keys(of.plugin.entityTypes).map((entityType) => {
    const index = indexOf(of, entityType, to);
    return { add: { index, alias: aliasOf(entityType), filter: readAliasFilter } };
  });
  const actions = [...removals, ...additions];
  await setRefreshes(of, to, 'serving');
  await checked(of.cluster.request('POST', '/_aliases', { actions }), `let generation ${to} serve`, acknowledged);
  if (from !== null) await setRefreshes(of, from.number, 'kept');
}

async function setRefreshes(of: GenerationsOf, generation: number, as: keyof typeof refreshIntervals): Promise<void> {
  const indices = indexOf(of, '*', generation);
  const settings = { index: { refresh_interval: refreshIntervals[as] } };
  const request = of.cluster.request('PUT', `/${encodeURIComponent(indices)}/_settings`, settings);
  await checked(request, `set how often generation ${generation} is refreshed`, acknowledged);
}

/** Deletes the indices of a generation that doesn't serve. */
export async function dropGeneration(of: GenerationsOf, { serves, indices, number }: Generation): Promise<void> {
  if (serves) {
    throw new LazuliError('in_use', `Generation ${number} of ${of.catalog} serves`, {
      remedy: 'Run `lazuli reindex` first: it lets another generation serve.',
    });
  }
  await checked(of.cluster.request('DELETE', `/${indices.join(',')}`), `delete ${indices.join(', ')}`, acknowledged);
}

/** Makes everything that was written visible to searches. */
export async function refreshGeneration(of: GenerationsOf, generation: number): Promise<void> {
  const indices = Object.keys(of.plugin.entityTypes).map((entityType) => indexOf(of, entityType, generation));
  await checked(
    of.cluster.request('POST', `/${indices.join(',')}/_refresh`),
    `refresh ${indices.join(', ')}`,
    refreshed,
  );
}
