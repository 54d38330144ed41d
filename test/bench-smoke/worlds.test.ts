import { expect } from 'chai';
import { incrementalWorld } from '../bench/sizes.ts';
import { bundlesOf, expectedBundles, sourceOf, type World } from '../bench/worlds.ts';

const [one, other] = [incrementalWorld(3, 0), incrementalWorld(2, 1)];
const namesOf = (world: World) => Array.from(bundlesOf(world), ({ fqid }) => `${fqid.source.id} ${fqid.uuid}`);

describe('the worlds of benchmarks', () => {
  it('have a source each, known by its id', () => {
    const sources = [one, other].map(sourceOf);
    expect(new Set(sources).size).to.equal(2);
    for (const [i, generated] of [one, other].entries()) {
      const found = new Set(Array.from(bundlesOf({ generated }), ({ fqid }) => fqid.source.id));
      expect([...found]).to.deep.equal([sources[i]]);
    }
  });

  it('come one after the other, or in turns', () => {
    const [a, b] = [namesOf({ generated: one }), namesOf({ generated: other })];
    const worlds = [one, other];
    expect(namesOf({ worlds, inTurns: false })).to.deep.equal([...a, ...b]);
    expect(namesOf({ worlds, inTurns: true })).to.deep.equal([a[0], b[0], a[1], b[1], a[2]]);
    expect(expectedBundles({ worlds, inTurns: true })).to.equal(5);
  });

  it('are renewed by a second version of each bundle', () => {
    const [first, second] = [[...bundlesOf({ generated: one })], [...bundlesOf({ renewed: one })]];
    expect(namesOf({ renewed: one })).to.deep.equal(namesOf({ generated: one }));
    expect(second.every(({ fqid }, i) => fqid.version > (first[i]?.fqid.version ?? ''))).to.equal(true);
  });
});
