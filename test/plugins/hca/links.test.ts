import { expect } from 'chai';
import { LazuliError } from '../../../core/config/errors.ts';
import type { Json } from '../../../core/model/metadata.ts';
import { names, TinyBundle, uuid } from './tiny-bundle.ts';

const id = uuid;

/** A bundle without links, of donor, specimen and file. */
function linked(version: string, links: Json[]): TinyBundle {
  const bundle = new TinyBundle()
    .add('donor_organism', 'donor')
    .add('specimen_from_organism', 'specimen')
    .add('sequence_file', 'reads.fastq')
    .add('sequencing_protocol', 'sequencing')
    .add('process', 'collect')
    .add('process', 'sequence');
  bundle.linksVersion = version;
  bundle.links.push(...links);
  return bundle;
}

const oldest: Json[] = [
  ['donor', 'collect'],
  ['collect', 'specimen'],
  ['specimen', 'sequence'],
  ['sequence', 'reads.fastq'],
  ['sequence', 'sequencing'],
].map(([from = '', to = '']) => ({
  source_id: id(from),
  source_type: '',
  destination_id: id(to),
  destination_type: '',
}));

const first: Json[] = [
  { process: id('collect'), inputs: [id('donor')], outputs: [id('specimen')], protocols: [] },
  {
    process: id('sequence'),
    inputs: [id('specimen')],
    outputs: [id('reads.fastq').toUpperCase()],
    protocols: [{ protocol_type: 'sequencing_protocol', protocol_id: id('sequencing') }],
  },
];

const later: Json[] = [
  {
    link_type: 'process_link',
    process_id: id('collect'),
    inputs: [{ input_id: id('donor') }],
    outputs: [{ output_id: id('specimen') }],
    protocols: [],
  },
  {
    link_type: 'process_link',
    process_id: id('sequence'),
    inputs: [{ input_id: id('specimen') }],
    outputs: [{ output_id: id('reads.fastq') }],
    protocols: [{ protocol_id: id('sequencing') }],
  },
];

describe('Links', () => {
  for (const [version, links] of [
    ['1.0.0', oldest],
    ['1.1.5', first],
    ['2.1.1', later],
    ['3.1.0', later],
  ] as const) {
    it(`of version ${version} make the same graph`, () => {
      const bundle = linked(version, [...links]).normalize();
      expect(names(bundle, 'files', 'reads.fastq', 'donors')).to.deep.equal(['donor']);
      expect(names(bundle, 'files', 'reads.fastq', 'samples')).to.deep.equal(['specimen']);
      expect(names(bundle, 'files', 'reads.fastq', 'sequencing_protocols')).to.have.length(1);
    });
  }

  it('of supplementary files make no edge', () => {
    const link = {
      link_type: 'supplementary_file_link',
      entity: { entity_type: 'biomaterial', entity_id: id('donor') },
      files: [{ file_type: 'sequence_file', file_id: id('reads.fastq') }],
    };
    const bundle = linked('3.0.0', [link]).normalize();
    expect(names(bundle, 'files', 'reads.fastq', 'donors')).to.deep.equal([]);
  });

  const process = (more: Record<string, Json>): Json => ({ ...(later[0] as Record<string, Json>), ...more });
  const wrong: readonly [string, string, Json[], RegExp, string][] = [
    ['of an unknown version', '4.0.0', later, /'4.0.0'/, 'schema_version'],
    ['of an unknown type', '3.0.0', [process({ link_type: 'x' })], /'x'/, 'links.0.link_type'],
    ['that lack a member', '3.0.0', [{ link_type: 'process_link' }], /is missing/, 'links.0.process_id'],
    [
      'that dangle',
      '3.0.0',
      [process({ inputs: [{ input_id: id('ghost') }] })],
      /doesn't hold/,
      'links.0.inputs.0.input_id',
    ],
    [
      'that dangle in version 1',
      '1.1.0',
      [{ ...(first[0] as object), outputs: [id('ghost')] }],
      /doesn't hold/,
      'links.0.outputs.0',
    ],
    ['to no process', '3.0.0', [process({ process_id: id('donor') })], /leads from/, 'links.0.process_id'],
    [
      'from a protocol',
      '1.0.0',
      [{ source_id: id('sequencing'), destination_id: id('collect') }],
      /leads from/,
      'links.0.destination_id',
    ],
  ];
  for (const [what, version, links, message, field] of wrong) {
    it(`${what} are refused`, () => {
      expect(() => linked(version, [...links]).normalize())
        .to.throw(LazuliError, message)
        .with.deep.property('place', { entity: `links/${id('the bundle')}`, field });
    });
  }
});
