import { isOwnFile } from '../read/entities.ts';
import type { Emission } from './emission.ts';

/** The nearest samples of all files that the bundle doesn't borrow (specification, plugin-hca 3). */
export function emitSamples(emission: Emission): void {
  const { surroundings, rows, graph } = emission;
  for (const number of samplesOfAll(emission, emission.numbers(isOwnFile))) {
    const sets = rows.sets(surroundings.byRole(surroundings.around(number)));
    emission.emit('samples', graph.entity(number), sets, emission.sampleSets(emission.samplesOf(number)));
  }
}

/** Nearest samples of several entities, each once. */
export function samplesOfAll(emission: Emission, numbers: readonly number[]): number[] {
  const lists = new Set<readonly number[]>();
  for (const number of numbers) lists.add(emission.samplesOf(number));
  const samples = new Set<number>();
  for (const list of lists) for (const sample of list) samples.add(sample);
  return [...samples];
}
