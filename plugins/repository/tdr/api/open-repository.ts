import { type TdrParts, TdrRepository } from '../repository.ts';
import type { OpenedApi } from './open.ts';
import { StudiedRepository } from './studied-repository.ts';

/** The repository of a catalog, with or without what DUOS knows. */
export function repositoryOf({ snapshots, studies }: OpenedApi, parts: Omit<TdrParts, 'snapshots'>): TdrRepository {
  const all = { ...parts, snapshots };
  return studies === null ? new TdrRepository(all) : new StudiedRepository(all, studies);
}
