import { createHash } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import { LazuliError } from '../../../../core/config/errors.ts';
import type { GeneratedBundle, GeneratorOptions } from '../../../../core/model/generator.ts';
import { generateBundles } from '../../../rigs/models/generated.ts';
import { numRuns, seed } from '../../../rigs/property.ts';
import { closure, pluck, type View, view } from './view.ts';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const timestamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

const anyOptions: fc.Arbitrary<GeneratorOptions> = fc.record({
  seed: fc.oneof(fc.string(), fc.integer()),
  bundles: fc.integer({ min: 0, max: 40 }),
  size: fc.oneof(fc.constantFrom('small' as const, 'medium' as const), fc.integer({ min: 1, max: 60 })),
  skew: fc.double({ min: 0, max: 1, noNaN: true }),
  versions: fc.double({ min: 0, max: 1, noNaN: true }),
  deletions: fc.double({ min: 0, max: 1, noNaN: true }),
  sources: fc.integer({ min: 1, max: 4 }),
});

function hold(property: (options: GeneratorOptions) => void): void {
  const checked = fc.property(anyOptions, (options) => {
    property(options);
  });
  fc.assert(checked, { numRuns: numRuns(200), seed: seed() });
}

const world = (options: GeneratorOptions): readonly GeneratedBundle[] => [...generateBundles(options)];
const projectOf = ({ seen }: View): string | undefined => seen.find(({ type }) => type === 'project')?.id;

describe('A generated world', () => {
  it('has the same bytes for the same options', () =>
    hold((options) => expect(world(options)).to.deep.equal(world(options))));

  it('has the same bytes on every machine', () => {
    const hash = createHash('sha256');
    for (const { file, text } of generateBundles({ seed: 'lapis', bundles: 50, sources: 2 }))
      hash.update(file).update(text);
    expect(hash.digest('hex')).to.equal('e63db25d34df65650ec2189b67cfd1dd780c0833934cf930ee69be3774bbdcb9');
  });

  it('differs by seed', () => {
    const [one, other] = [1, 2].map((number) => world({ seed: number, bundles: 20 }).map(({ fqid }) => fqid.uuid));
    expect(other?.filter((id) => one?.includes(id))).to.deep.equal([]);
  });

  it('has as many bundle ids as were asked for, each version in a file of its own', () =>
    hold((options) => {
      const bundles = world(options);
      expect(new Set(bundles.map(({ fqid }) => fqid.uuid)).size).to.equal(options.bundles);
      expect(new Set(bundles.map(({ file }) => file)).size).to.equal(bundles.length);
      expect(bundles.every(({ fqid }) => uuid.test(fqid.uuid) && timestamp.test(fqid.version))).to.equal(true);
    }));

  it('is valid: one project a bundle, links that lead somewhere, no cycles, complete manifests', () =>
    hold((options) => {
      for (const one of world(options).map(view)) {
        expect(one.seen.filter(({ type }) => type === 'project')).to.have.lengthOf(1);
        for (const entity of one.seen) {
          expect(entity.id).to.match(uuid);
          closure(one.children, entity);
          if (entity.type.endsWith('_file'))
            expectManifest(entity.manifest, pluck(entity.fields, 'file_core.file_name')[0]);
        }
        expect(one.bundle.text).not.to.include('||');
        expect(one.bundle.text.isWellFormed()).to.equal(true);
      }
    }));

  it('has projects that share nothing', () => {
    const owners = new Map<string, string | undefined>();
    for (const one of world({ seed: seed(), bundles: 100, skew: 0.1 }).map(view)) {
      for (const { id } of one.seen) {
        expect(owners.get(id) ?? projectOf(one)).to.equal(projectOf(one));
        owners.set(id, projectOf(one));
      }
    }
  });

  it('has bundles of one project that share entities whose copies differ', () => {
    const copies = new Map<string, Set<string>>();
    for (const { seen } of world({ seed: seed(), bundles: 60, skew: 1, versions: 0 }).map(view)) {
      for (const { type, id, json } of seen) {
        const known = copies.get(`${type}/${id}`) ?? new Set();
        copies.set(`${type}/${id}`, known.add(JSON.stringify(json)));
      }
    }
    const differing = new Set([...copies].filter(([, texts]) => texts.size > 1).map(([key]) => key.split('/')[0]));
    expect([...differing]).to.include.members([
      'project',
      'donor_organism',
      'specimen_from_organism',
      'sequencing_protocol',
    ]);
  });

  it('has second versions that differ from the first and come later', () => {
    const bundles = world({ seed: seed(), bundles: 40, versions: 1 });
    for (let i = 0; i < bundles.length; i += 2) {
      const [first, second] = [bundles[i], bundles[i + 1]];
      expect(second?.fqid.uuid).to.equal(first?.fqid.uuid);
      expect(String(second?.fqid.version) > String(first?.fqid.version)).to.equal(true);
      expect(second?.text).not.to.equal(first?.text);
    }
  });

  it('has bundles that are in two sources with different content', () => {
    const bundles = world({ seed: seed(), bundles: 200, sources: 3, versions: 0 });
    const copies = bundles.filter(({ file }) => file.includes('.copy.'));
    expect(copies).not.to.have.lengthOf(0);
    for (const copy of copies) {
      const original = bundles.find(({ fqid, file }) => fqid.uuid === copy.fqid.uuid && file !== copy.file);
      expect(original?.fqid.source.id).not.to.equal(copy.fqid.source.id);
      expect(original?.text).not.to.equal(copy.text);
    }
  });

  it('gives the biggest project its share', () => {
    for (const skew of [0.1, 0.5, 1]) {
      const counts = new Map<string | undefined, number>();
      for (const one of world({ seed: 5, bundles: 200, size: 'small', skew, versions: 0 }).map(view)) {
        counts.set(projectOf(one), (counts.get(projectOf(one)) ?? 0) + 1);
      }
      expect(Math.max(...counts.values())).to.equal(200 * skew);
    }
  });

  it('has bundles of about the size asked for', () => {
    for (const [size, kilobytes] of [
      [16, 16],
      ['medium', 30],
      ['large', 300],
    ] as const) {
      const bundles = world({ seed: 7, bundles: 60, size });
      const mean = bundles.reduce((sum, { text }) => sum + text.length / 1024, 0) / bundles.length;
      expect(mean, String(size)).to.be.within(kilobytes * 0.75, kilobytes * 1.25);
    }
  });

  it('starts at once, however big it is', () => {
    const [first] = generateBundles({ seed: 1, bundles: 10_000_000, skew: 1 });
    expect(first?.fqid.uuid).to.match(uuid);
  });

  it('refuses options that are out of their range, naming them', () => {
    for (const [name, value] of Object.entries({ bundles: -1, size: 0, skew: 2, versions: Number.NaN, sources: 1.5 })) {
      expect(() => world({ seed: 1, bundles: 1, [name]: value }), name)
        .to.throw(LazuliError, `The generator's ${name}`)
        .with.property('code', 'usage');
    }
  });
});

function expectManifest(entry: Readonly<Record<string, unknown>> | undefined, name: unknown): void {
  const required = ['name', 'uuid', 'version', 'content-type', 'size', 'indexed', 'crc32c', 'sha256'];
  for (const member of required) expect(entry?.[member], member).not.to.be.oneOf([null, undefined]);
  expect(entry?.name).to.equal(name);
  expect(entry?.version).to.match(timestamp);
  expect(entry?.uuid).to.match(uuid);
}
