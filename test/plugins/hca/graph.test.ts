import { expect } from 'chai';
import { LazuliError } from '../../../core/config/errors.ts';
import { names, outer, rowsOf, TinyBundle, uuid } from './tiny-bundle.ts';

describe('The graph of an HCA bundle', () => {
  const simple = () =>
    new TinyBundle()
      .add('donor_organism', 'donor')
      .add('specimen_from_organism', 'specimen')
      .add('cell_suspension', 'cells', { estimated_cell_count: 5 })
      .add('sequencing_protocol', 'sequencing')
      .add('sequence_file', 'reads.fastq')
      .make(['donor'], ['specimen'])
      .make(['specimen'], ['cells'])
      .make(['cells'], ['reads.fastq'], ['sequencing']);

  it('relates a file with everything upstream, and a sample with both directions', () => {
    const bundle = simple().normalize();
    for (const [type, name] of [
      ['files', 'reads.fastq'],
      ['samples', 'specimen'],
      ['cell_suspensions', 'cells'],
      ['projects', 'atlas'],
      ['bundles', 'the bundle'],
    ] as const) {
      expect(names(bundle, type, name, 'donors'), type).to.deep.equal(['donor']);
      expect(names(bundle, type, name, 'specimens'), type).to.deep.equal(['specimen']);
      expect(names(bundle, type, name, 'samples'), type).to.deep.equal(['specimen']);
      expect(names(bundle, type, name, 'cell_suspensions'), type).to.deep.equal(['cells']);
      expect(names(bundle, type, name, 'sequencing_inputs'), type).to.deep.equal(['cells']);
      expect(names(bundle, type, name, 'files'), type).to.deep.equal(['reads.fastq']);
      expect(rowsOf(bundle, type, name, 'sequencing_processes').map(({ id }) => id)).to.deep.equal([uuid('p2')]);
      expect(rowsOf(bundle, type, name, 'sequencing_protocols').map(({ id }) => id)).to.deep.equal([
        uuid('sequencing'),
      ]);
    }
  });

  it('takes the nearest sample of every path', () => {
    const bundle = new TinyBundle()
      .add('specimen_from_organism', 'skin')
      .add('specimen_from_organism', 'blood')
      .add('cell_line', 'line')
      .add('cell_suspension', 'pool')
      .add('sequence_file', 'reads.fastq')
      .make(['skin'], ['line'])
      .make(['line', 'blood'], ['pool'])
      .make(['pool'], ['reads.fastq'])
      .normalize();
    expect(names(bundle, 'files', 'reads.fastq', 'samples')).to.deep.equal(['blood', 'line']);
    expect(names(bundle, 'files', 'reads.fastq', 'sample_cell_lines')).to.deep.equal(['line']);
    expect(names(bundle, 'files', 'reads.fastq', 'sample_specimens')).to.deep.equal(['blood']);
    expect(outer(bundle, 'samples', ['skin', 'blood', 'line'])).to.deep.equal(['blood', 'line']);
    const [pool] = rowsOf(bundle, 'cell_suspensions', 'pool', 'cell_suspensions');
    expect(pool?.values).to.include({ total_estimated_cells: null, total_estimated_cells_redundant: 0 });
    expect(pool?.values).to.deep.include({ organ: ['eye', null], organ_part: [null] });
  });

  it('counts the cells of leaves only', () => {
    const bundle = simple()
      .add('cell_suspension', 'sorted', { estimated_cell_count: 2 })
      .make(['cells'], ['sorted'])
      .normalize();
    const counts = rowsOf(bundle, 'projects', 'atlas', 'cell_suspensions').map(({ values }) => [
      values.total_estimated_cells,
      values.total_estimated_cells_redundant,
    ]);
    expect(counts).to.have.deep.members([
      [0, 5],
      [2, 0],
    ]);
  });

  it('leaves stitched files out, but not what they are made of', () => {
    const bundle = simple()
      .add('sequence_file', 'other.fastq')
      .make(['cells'], ['other.fastq'])
      .stitch('other.fastq', 'cells')
      .normalize();
    expect(outer(bundle, 'files', ['reads.fastq', 'other.fastq'])).to.deep.equal(['reads.fastq']);
    expect(outer(bundle, 'cell_suspensions', ['cells'])).to.deep.equal(['cells']);
    expect(names(bundle, 'projects', 'atlas', 'files')).to.deep.equal(['other.fastq', 'reads.fastq']);
  });

  it('says which entity is part of a cycle', () => {
    const bundle = simple().make(['reads.fastq'], ['cells']);
    expect(() => bundle.normalize())
      .to.throw(LazuliError, /is made from itself/)
      .with.nested.property('place.entity');
  });

  it('walks diamonds once', () => {
    const bundle = new TinyBundle().add('specimen_from_organism', 's').add('cell_suspension', 'c0').make(['s'], ['c0']);
    const depth = 60;
    for (let i = 1; i <= depth; i++) {
      bundle
        .add('cell_suspension', `c${i}`)
        .make([`c${i - 1}`], [`c${i}`])
        .make([`c${i - 1}`], [`c${i}`]);
    }
    bundle.add('sequence_file', 'reads.fastq').make([`c${depth}`], ['reads.fastq']);
    const normalized = bundle.normalize();
    expect(names(normalized, 'files', 'reads.fastq', 'cell_suspensions')).to.have.length(depth + 1);
    expect(names(normalized, 'cell_suspensions', 'c30', 'files')).to.deep.equal(['reads.fastq']);
  });

  for (const schema of ['cell_suspension', 'cell_line', 'specimen_from_organism']) {
    it(`follows a chain of 50,000 processes and as many of ${schema}`, function () {
      this.timeout(60_000);
      const length = 50_000;
      const bundle = new TinyBundle()
        .add('specimen_from_organism', 'specimen')
        .add(schema, 'e0')
        .make(['specimen'], ['e0']);
      for (let i = 1; i < length; i++) {
        bundle.add(schema, `e${i}`);
        bundle.add('process', `q${i}`);
        bundle.links.push({
          link_type: 'process_link',
          process_id: uuid(`q${i}`),
          inputs: [{ input_id: uuid(`e${i - 1}`) }],
          outputs: [{ output_id: uuid(`e${i}`) }],
          protocols: [],
        });
      }
      bundle.add('sequence_file', 'reads.fastq').make([`e${length - 1}`], ['reads.fastq'], [], 'last');
      const built = bundle.bundle();
      const started = process.cpuUsage();
      const normalized = bundle.normalize();
      const { user, system } = process.cpuUsage(started);
      expect(built.contents).to.have.property('links');
      expect((user + system) / 1e6, 'seconds').to.be.below(10);
      const role =
        schema === 'cell_suspension' ? 'cell_suspensions' : schema === 'cell_line' ? 'cell_lines' : 'specimens';
      expect(rowsOf(normalized, 'files', 'reads.fastq', role).length).to.be.at.least(length);
    });
  }
});
