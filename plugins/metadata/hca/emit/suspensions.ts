import { isSuspension } from '../read/entities.ts';
import { sequencingInputs } from '../walk/surroundings.ts';
import { type Side, SuspensionSides } from '../walk/suspensions.ts';
import type { Emission } from './emission.ts';
import type { Sets } from './rows.ts';

/** Sets of entities around suspensions, with the rows of sequencing inputs to be added to. */
interface Around {
  readonly sets: Sets;
  readonly inputs: readonly number[];
}

/** All cell suspensions, borrowed ones too (specification, plugin-hca 3). */
export function emitSuspensions(emission: Emission): void {
  const { builder, graph, rows, surroundings } = emission;
  const suspensions = emission.numbers(isSuspension);
  if (suspensions.length === 0) return;
  const sides = new SuspensionSides(surroundings);
  const shared = new Map<string, Around>();
  for (const number of suspensions) {
    const around = between(emission, sides.above[number] as Side, sides.below[number] as Side, shared);
    const feeds = surroundings.feedsSequencing[number] === 1;
    const inputs = feeds ? { [sequencingInputs]: builder.set([...around.inputs, rows.input(number)]) } : {};
    const samples = emission.sampleSets(emission.samplesOf(number));
    const own = { cell_suspensions: builder.set([rows.row(number)]) };
    emission.emit('cell_suspensions', graph.entity(number), around.sets, inputs, samples, own);
  }
}

function between({ rows, surroundings }: Emission, above: Side, below: Side, shared: Map<string, Around>): Around {
  const key = `${above.number} ${below.number}`;
  const known = shared.get(key);
  if (known !== undefined) return known;
  const byRole = new Map(surroundings.byRole([...new Set([...above.members, ...below.members])]));
  byRole.delete('cell_suspensions');
  const around = { sets: rows.sets(byRole), inputs: rows.inputs(byRole.get(sequencingInputs) ?? []) };
  shared.set(key, around);
  return around;
}
