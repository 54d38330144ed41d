import { createHash } from 'node:crypto';
import { expect } from 'chai';
import type { GeneratedBundle } from '../../../core/model/generator.ts';
import { parseVerbatim } from '../../../core/model/json.ts';
import { anvil } from '../../../plugins/metadata/anvil/plugin.ts';
import { generateAnvil } from '../../rigs/models/generated.ts';

interface Contents {
  readonly entities: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly links: readonly {
    readonly inputs: string[];
    readonly activity: string | null;
    readonly outputs: string[];
  }[];
}

const options = { seed: 'lapis', bundles: 60, size: 'small', sources: 3 } as const;
const parsed = ({ text }: GeneratedBundle) => JSON.parse(text) as Contents;
const tableOf = (key: string): string => key.slice(0, key.indexOf('/'));

describe('A generated world of AnVIL', () => {
  const bundles = [...generateAnvil(options)];
  const contents = bundles.map(parsed);

  it('has the same bytes on every machine', () => {
    const hash = createHash('sha256');
    for (const { file, text } of bundles) hash.update(file).update(text);
    expect(hash.digest('hex')).to.equal('61680e78351c76c4a448588c5af15c3450bf093035e90d6cc02d878937d8866f');
  });

  it('has as many bundles as were asked for, in all of its sources, and all can be normalized', () => {
    expect(new Set(bundles.map(({ fqid }) => fqid.uuid)).size).to.equal(60);
    expect(new Set(bundles.map(({ fqid }) => fqid.source.id)).size).to.equal(3);
    for (const { fqid, text } of bundles)
      expect(anvil.normalize({ fqid, contents: parseVerbatim(text), repository: {} }).entities).not.to.deep.equal([]);
  });

  it('has rows that are the same in every bundle, but for the stubs of datasets', () => {
    const known = new Map<string, unknown>();
    for (const { entities } of contents)
      for (const [key, row] of Object.entries(entities)) {
        if ('description' in row) continue;
        expect(known.get(key) ?? row).to.deep.equal(row);
        known.set(key, row);
      }
  });

  it('has pools, cycles, several donors, diagnoses, supplementary files and stubs', () => {
    const links = contents.flatMap((one) => one.links);
    const all = contents.flatMap(({ entities }) => Object.entries(entities));
    const found = {
      pools: links.some(({ inputs, activity }) => activity !== null && inputs.length > 2),
      cycles: links.some(({ inputs, outputs }) => inputs.some((key) => outputs.includes(key))),
      donors: all.some(([, { donor_id: donors }]) => Array.isArray(donors) && donors.length > 1),
      diagnoses: all.some(([key]) => tableOf(key) === 'anvil_diagnosis'),
      supplementary: all.some(([, row]) => row.is_supplementary === true),
      stubs: all.some(([, row]) => 'description' in row),
      openAges: all.some(
        ([, row]) =>
          row.donor_age_at_collection_lower_bound !== null && row.donor_age_at_collection_upper_bound === null,
      ),
    };
    expect(Object.entries(found).filter(([, isThere]) => !isThere)).to.deep.equal([]);
    const tables = new Set(all.map(([key]) => tableOf(key)));
    expect([...tables].filter((table) => table.endsWith('activity'))).to.have.length(5);
  });

  it('is of about the size that was asked for', () => {
    for (const size of [20, 60]) {
      const made = [...generateAnvil({ ...options, bundles: 40, sources: 1, size })].filter(
        (one) => parsed(one).links.length > 1,
      );
      const kilobytes = made.reduce((sum, { text }) => sum + text.length, 0) / made.length / 1000;
      expect(kilobytes).to.be.within(size * 0.6, size * 1.6);
    }
  });
});
