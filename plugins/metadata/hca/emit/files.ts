import { ascending, replicasRole } from '../../../../core/model/normalized.ts';
import { type DataFile, isOwnFile } from '../read/entities.ts';
import { isShown } from '../read/manifest.ts';
import { extendedSets, stratumRows } from '../walk/matrices.ts';
import type { ByRole } from '../walk/surroundings.ts';
import type { Emission } from './emission.ts';
import type { Sets } from './rows.ts';

/** What is around a file: sets of rows, and the replicas of which the file is a hub. */
interface Around {
  readonly byRole: ByRole;
  readonly sets: Sets;
  /** ascending */
  readonly replicas: readonly number[];
}

const none: readonly number[] = [];

/** Files that the bundle doesn't borrow, of a zarr store its representative only (specification, plugin-hca 3). */
export function emitFiles(emission: Emission): void {
  const own = emission.numbers(isOwnFile);
  const stores = zarrStores(emission, own);
  const shared = new Map<string, Around>();
  for (const number of own) {
    const file = emission.graph.entity(number) as DataFile;
    if (!isShown(file.manifest)) continue;
    emission.documents.replica(emission.bundle.project);
    const around = aroundFile(emission, number, shared);
    const store = file.manifest.zarr?.store;
    const related = store === undefined ? none : (stores.get(store) ?? none).filter((other) => other !== number);
    emitFile(emission, number, file, around, related);
  }
}

/** Files with more parents than this share nothing: keys would cost more than they save. */
const maxParents = 8;

/**
 * Most files have nothing made from them: what is around them is what is above their parents, which
 * they share with all other files of the same processes.
 */
function aroundFile(emission: Emission, number: number, shared: Map<string, Around>): Around {
  const { graph, surroundings } = emission;
  const parents = graph.parents(number);
  if (graph.children(number).length > 0 || parents.length > maxParents) {
    return summarized(emission, surroundings.around(number));
  }
  const key = parents.join();
  const known = shared.get(key);
  if (known !== undefined) return known;
  const around = summarized(emission, surroundings.collect([], parents));
  shared.set(key, around);
  return around;
}

function summarized({ surroundings, rows, documents }: Emission, collected: readonly number[]): Around {
  const byRole = new Map(surroundings.byRole(collected));
  byRole.delete('files');
  const sets = rows.sets(byRole);
  return { byRole, sets, replicas: ascending([documents.links(), ...documents.replicas(collected)]) };
}

function emitFile(
  emission: Emission,
  number: number,
  file: DataFile,
  around: Around,
  related: readonly number[],
): void {
  const { builder, rows, documents } = emission;
  const row = related.length > 0 ? rows.representative(number, related) : rows.row(number);
  const derived = stratumRows(builder, rows.facts(number));
  const extended = extendedSets(builder, derived, (role) => rows.rows(around.byRole.get(role) ?? []));
  const samples = emission.sampleSets(emission.samplesOf(number));
  const files = builder.set([row]);
  const replicas = builder.set([...around.replicas, documents.replica(number)]);
  emission.emit('files', file, { files, [replicasRole]: replicas }, around.sets, extended, samples);
}

/** Members of zarr stores, by store. */
function zarrStores({ graph }: Emission, files: readonly number[]): ReadonlyMap<string, readonly number[]> {
  const stores = new Map<string, number[]>();
  for (const number of files) {
    const store = (graph.entity(number) as DataFile).manifest.zarr?.store;
    if (store === undefined) continue;
    const members = stores.get(store);
    if (members === undefined) stores.set(store, [number]);
    else members.push(number);
  }
  return stores;
}
