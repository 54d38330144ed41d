import { invalid } from '../members.ts';
import { distinctSorted } from '../order.ts';
import { type Biomaterial, nameOf } from '../read/entities.ts';
import type { Graph } from '../read/graph.ts';
import { sampleRoleOf } from '../read/schemas.ts';

const none: readonly number[] = [];

/** Members of lists that are kept for one bundle; beyond it, samples are pooled over and over. */
const maxKept = 10_000_000;

/**
 * For every entity the nearest samples upstream on every path, itself if it is one (specification,
 * plugin-hca 2.4). Entities with the same samples share one list, so that a chain of any length
 * costs no more than its entities.
 */
export function nearestSamples(graph: Graph): readonly (readonly number[])[] {
  const nearest: (readonly number[])[] = new Array(graph.entities.length).fill(none);
  let kept = 0;
  for (const number of graph.order) {
    const entity = graph.entity(number);
    if (entity.core === 'protocol') continue;
    if (sampleRoleOf.has(entity.schema)) nearest[number] = [number];
    else {
      const list = united(graph.parents(number), nearest);
      nearest[number] = list.members;
      kept += list.size;
    }
    if (kept > maxKept) {
      throw invalid(nameOf(entity), '', 'Samples are pooled in too many ways', 'Split the bundle.');
    }
  }
  return nearest;
}

/** `size` is what the list costs: nothing when it is shared with a parent. */
function united(parents: readonly number[], nearest: readonly (readonly number[])[]) {
  let first = none;
  const others: (readonly number[])[] = [];
  for (const parent of parents) {
    const list = nearest[parent] ?? none;
    if (first.length === 0) first = list;
    else if (list !== first && list.length > 0) others.push(list);
  }
  const united = others.length === 0 ? first : [...new Set([first, ...new Set(others)].flat())];
  return { members: united, size: united === first ? 0 : united.length };
}

/** Organs and parts of organs of samples, ascending: what a cell suspension made from them shows. */
export function organsOf(graph: Graph, samples: readonly number[]) {
  const origins = samples.flatMap((number) => (graph.entity(number) as Biomaterial).sample ?? []);
  return {
    organ: distinctSorted(origins.map(({ organ }) => organ)),
    organ_part: distinctSorted(origins.flatMap(({ organParts }) => organParts)),
  };
}

/** By entity: 1 where a cell suspension is among the descendants, so that cells would count twice. */
export function aboveSuspensions(graph: Graph): Uint8Array {
  const above = new Uint8Array(graph.entities.length);
  for (let i = graph.order.length - 1; i >= 0; i--) {
    const number = graph.order[i] as number;
    const has = graph.children(number).some((c) => above[c] === 1 || graph.entity(c).schema === 'cell_suspension');
    above[number] = has ? 1 : 0;
  }
  return above;
}
