import { isFile, isSpecimen } from '../read/entities.ts';
import { aggregateDates } from '../walk/dates.ts';
import { matrixRole, matrixRow } from '../walk/matrices.ts';
import type { Emission } from './emission.ts';
import type { Sets } from './rows.ts';
import { samplesOfAll } from './samples.ts';

/** The project and the bundle itself, which see all specimens and files of the bundle (specification, plugin-hca 3). */
export function emitProject(emission: Emission): void {
  const { graph, rows, surroundings, bundle } = emission;
  const files = emission.numbers(isFile);
  const starts = [...emission.numbers(isSpecimen), ...files];
  const parents: number[] = [];
  for (const number of starts) for (const parent of graph.parents(number)) parents.push(parent);
  const byRole = surroundings.byRole(surroundings.collect(starts, parents));
  const sets = [
    rows.sets(byRole),
    emission.sampleSets(samplesOfAll(emission, files)),
    matrixSets(emission, byRole.get('files') ?? []),
  ];
  const aggregate = aggregateDates(graph.entities);
  const { id, submitted, updated } = graph.entity(bundle.project);
  const { uuid, version } = bundle;
  emission.emit('projects', { id, submitted, updated, aggregate }, ...sets);
  emission.emit('bundles', { id: uuid, submitted: version, updated: version, aggregate }, ...sets);
}

function matrixSets({ builder, graph, rows, surroundings, samples }: Emission, files: readonly number[]): Sets {
  const found = { matrices: [] as number[], contributed_analyses: [] as number[] };
  for (const number of files) {
    const facts = rows.facts(number);
    const role = matrixRole(facts);
    if (role === undefined) continue;
    const around = () => surroundings.around(number);
    found[role].push(matrixRow(builder, graph, facts, around, samples[number] as readonly number[]));
  }
  return { matrices: builder.set(found.matrices), contributed_analyses: builder.set(found.contributed_analyses) };
}
