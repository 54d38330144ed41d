import { expect } from 'chai';
import fc from 'fast-check';
import { LazuliError } from '../../../core/config/errors.ts';
import type { Link } from '../../../plugins/metadata/anvil/read/links.ts';
import { Linked } from '../../../plugins/metadata/anvil/walk/linked.ts';
import { numRuns, seed } from '../../rigs/property.ts';

/** Rows of which the last ones are activities, one for each link that has one. */
interface Graph {
  readonly rows: number;
  readonly links: readonly Link[];
}

const anyGraph: fc.Arbitrary<Graph> = fc.integer({ min: 1, max: 9 }).chain((others) => {
  const ends = fc.uniqueArray(fc.nat({ max: others - 1 }), { maxLength: 4 });
  return fc
    .array(fc.record({ inputs: ends, outputs: ends, isActivity: fc.boolean() }), { maxLength: 9 })
    .map((drawn) => ({
      rows: others + drawn.length,
      links: drawn.map(({ isActivity, ...link }, i) => ({ ...link, activity: isActivity ? others + i : null })),
    }));
});

/** What the specification says, step by step, without regard to cost (plugin-anvil 3). */
function naive(links: readonly Link[], row: number, direction: 'up' | 'down', found = new Set<number>()): Set<number> {
  for (const { inputs, activity, outputs } of links) {
    const [from, to] = direction === 'up' ? [outputs, inputs] : [inputs, outputs];
    if (activity !== row && !from.includes(row)) continue;
    for (const next of [...(activity === null ? [] : [activity]), ...to]) {
      if (found.has(next)) continue;
      found.add(next);
      naive(links, next, direction, found);
    }
  }
  return found;
}

describe('What rows of AnVIL are linked to', () => {
  it('is what a naive walk finds, for any graph, with cycles', () => {
    const property = fc.property(anyGraph, fc.constantFrom('up' as const, 'down' as const), (graph, direction) => {
      const linked = new Linked(graph.rows, graph.links, direction);
      for (let row = 0; row < graph.rows; row++) {
        const others = (rows: Iterable<number>) => [...rows].filter((one) => one !== row).sort((a, b) => a - b);
        expect(others(linked.of(row))).to.deep.equal(others(naive(graph.links, row, direction)));
      }
    });
    fc.assert(property, { numRuns: numRuns(20_000), seed: seed() });
  });

  it('is found once for all rows of a pool, and of a cycle, however long', () => {
    const size = 50_000;
    const all = Array.from({ length: size }, (_, i) => i);
    const pool: Link = { inputs: all, activity: 2 * size, outputs: all.map((row) => size + row) };
    const below = new Linked(2 * size + 1, [pool], 'down');
    expect(new Set(all.map((row) => below.of(row)))).to.have.property('size', 1);
    const cycle = all.map((row): Link => ({ inputs: [row], activity: null, outputs: [(row + 1) % size] }));
    const around = new Linked(size, cycle, 'up');
    expect(around.of(0)).to.have.length(size);
    expect(new Set(all.map((row) => around.of(row)))).to.have.property('size', 1);
  });

  it('is refused where it would take too much memory', () => {
    const chain = Array.from({ length: 20_000 }, (_, i): Link => ({ inputs: [i], activity: null, outputs: [i + 1] }));
    expect(() => new Linked(chain.length + 1, chain, 'up')).to.throw(LazuliError, 'in more than 5000000 ways');
  });
});
