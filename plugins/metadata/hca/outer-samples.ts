import type { Emission } from './emission.ts';

/** The nearest samples of all files that the bundle doesn't borrow (specification, plugin-hca 3). */
export function emitSamples(emission: Emission): void {
  const { builder, surroundings, rows, graph } = emission;
  const files = emission.numbers((entity) => entity.core === 'file' && !entity.stitched);
  for (const number of samplesOfAll(emission, files)) {
    const sets = rows.sets(surroundings.byRole(surroundings.around(number)));
    const sample = graph.entity(number);
    builder.entity('samples', sample.id, {
      ...sets,
      ...emission.sampleSets(emission.samplesOf(number)),
      projects: emission.projects,
      dates: emission.dates(sample),
    });
  }
}

/** Nearest samples of several entities, each once. */
export function samplesOfAll(emission: Emission, numbers: readonly number[]): number[] {
  const lists = new Set(numbers.map((number) => emission.samplesOf(number)));
  const samples = new Set<number>();
  for (const list of lists) for (const sample of list) samples.add(sample);
  return [...samples];
}
