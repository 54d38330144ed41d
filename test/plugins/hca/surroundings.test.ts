import { expect } from 'chai';
import fc from 'fast-check';
import { numRuns, seed } from '../../rigs/property.ts';
import { names, outer, TinyBundle } from './tiny-bundle.ts';

const schemas = [
  'specimen_from_organism',
  'cell_line',
  'organoid',
  'cell_suspension',
  'donor_organism',
  'analysis_file',
];

/** One process: which earlier entities go in, which later ones come out, whether it sequences. */
interface Step {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly sequences: boolean;
}

interface Model {
  readonly kinds: readonly string[];
  readonly steps: readonly Step[];
}

const nameOf = (i: number): string => `e${String(i).padStart(2, '0')}`;

const model: fc.Arbitrary<Model> = fc
  .array(fc.constantFrom(...schemas), { minLength: 2, maxLength: 14 })
  .chain((kinds) =>
    fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat(), fc.boolean()), { maxLength: 18 }).map((picks) => ({
      kinds,
      steps: picks.map(([a, b, c, sequences]) => {
        const cut = 1 + (a % (kinds.length - 1));
        return {
          inputs: [...new Set([nameOf(b % cut), nameOf(c % cut)])],
          outputs: [nameOf(cut + (b % (kinds.length - cut)))],
          sequences,
        };
      }),
    })),
  );

/** What the specification says, step by step, without regard to cost. */
function surroundings({ steps }: Model, start: string): { entities: Set<string>; inputs: Set<string> } {
  const entities = new Set([start]);
  const follow = (name: string, from: 'inputs' | 'outputs', to: 'inputs' | 'outputs') => {
    for (const step of steps) {
      if (!step[from].includes(name)) continue;
      for (const next of step[to]) {
        entities.add(next);
        follow(next, from, to);
      }
    }
  };
  follow(start, 'inputs', 'outputs');
  follow(start, 'outputs', 'inputs');
  const inputs = [...entities].filter((name) => steps.some((step) => step.sequences && step.inputs.includes(name)));
  return { entities, inputs: new Set(inputs) };
}

function nearest(model: Model, name: string): Set<string> {
  if (isSample(model, name)) return new Set([name]);
  const parents = model.steps.filter(({ outputs }) => outputs.includes(name)).flatMap(({ inputs }) => inputs);
  return new Set(parents.flatMap((parent) => [...nearest(model, parent)]));
}

const kindOf = ({ kinds }: Model, name: string): string => kinds[Number(name.slice(1))] as string;
const isSample = (model: Model, name: string): boolean =>
  ['specimen_from_organism', 'cell_line', 'organoid'].includes(kindOf(model, name));

const roles: Readonly<Record<string, string>> = {
  specimens: 'specimen_from_organism',
  cell_lines: 'cell_line',
  organoids: 'organoid',
  donors: 'donor_organism',
  cell_suspensions: 'cell_suspension',
  files: 'analysis_file',
};

function build({ kinds, steps }: Model): TinyBundle {
  const bundle = new TinyBundle().add('sequencing_protocol', 'sequencing');
  for (const [i, schema] of kinds.entries()) bundle.add(schema, nameOf(i));
  for (const { inputs, outputs, sequences } of steps) {
    bundle.make([...inputs], [...outputs], sequences ? ['sequencing'] : []);
  }
  return bundle;
}

describe('Surroundings of outer entities', () => {
  it('are those of a naive walk, for any graph', function () {
    this.timeout(120_000);
    fc.assert(
      fc.property(model, (graph) => {
        const bundle = build(graph).normalize();
        const all = graph.kinds.map((_, i) => nameOf(i));
        for (const [type, own] of [
          ['files', 'files'],
          ['cell_suspensions', 'cell_suspensions'],
          ['samples', ''],
        ] as const) {
          for (const name of outer(bundle, type, all)) {
            const { entities, inputs } = surroundings(graph, name);
            for (const [role, schema] of Object.entries(roles)) {
              const found = role === own ? [name] : [...entities].filter((one) => kindOf(graph, one) === schema).sort();
              expect(names(bundle, type, name, role), `${type} ${name} ${role}`).to.deep.equal(found);
            }
            const sequenced = [...inputs].filter((one) => kindOf(graph, one) !== 'analysis_file').sort();
            expect(names(bundle, type, name, 'sequencing_inputs'), `${type} ${name}`).to.deep.equal(sequenced);
            expect(names(bundle, type, name, 'samples')).to.deep.equal([...nearest(graph, name)].sort());
          }
        }
        const files = all.filter((name) => kindOf(graph, name) === 'analysis_file');
        const samples = [...new Set(files.flatMap((name) => [...nearest(graph, name)]))].sort();
        expect(outer(bundle, 'samples', all)).to.deep.equal(samples);
        expect(outer(bundle, 'files', all)).to.deep.equal(files);
      }),
      { numRuns: numRuns(4000), seed: seed() },
    );
  });
});
