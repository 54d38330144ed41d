import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import * as fc from 'fast-check';
import { tsvRows } from '../../cli/copying/tsv.ts';
import { type VersionOptions, versionRule } from '../../cli/copying/versions.ts';
import { wantedBundles } from '../../cli/copying/wanted.ts';
import { temporaryFolder } from '../rigs/cli/lazuli.ts';
import { numRuns, seed } from '../rigs/property.ts';

const version = '2018-10-18T150431.370880Z';
const uuid = (start: string) => `${start}000000-0000-4000-8000-000000000000`;
const ruled = (options: VersionOptions, of = version): string => versionRule(options, () => 0)(of);
const thrown = (work: () => unknown): string => {
  try {
    work();
    return 'no error';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('Versions of copies', () => {
  it('stay, are set, or are later by microseconds that are exact', () => {
    expect(ruled({})).to.equal(version);
    expect(ruled({ keepVersion: true })).to.equal(version);
    expect(ruled({ setVersion: '2020-02-29T00:00:00.000001Z' })).to.equal('2020-02-29T000000.000001Z');
    const shifts: readonly (readonly [seconds: string, of: string, to: string])[] = [
      ['1.374856', version, '2018-10-18T150432.745736Z'],
      ['-1.374856', '2018-10-18T150432.745736Z', version],
      ['0.000001', '2019-12-31T235959.999999Z', '2020-01-01T000000.000000Z'],
      ['-0.000001', '1970-01-01T000000.000000Z', '1969-12-31T235959.999999Z'],
      ['3600', '2021-03-28T003000.000000Z', '2021-03-28T013000.000000Z'],
      ['31556926000', '1000-01-01T000000.1234560Z'.replace('0Z', 'Z'), '2000-01-01T044640.123456Z'],
    ];
    for (const [mapVersion, of, to] of shifts) expect(ruled({ mapVersion }, of), mapVersion).to.equal(to);
  });

  it('lose no microsecond there and back', () => {
    const micros = fc.bigInt({ min: -(10n ** 16n), max: 10n ** 16n });
    const both = fc.property(micros, (all) => {
      const sign = all < 0n ? '-' : '';
      const [whole, part] = [(all < 0n ? -all : all) / 1_000_000n, (all < 0n ? -all : all) % 1_000_000n];
      const text = `${whole}.${String(part).padStart(6, '0')}`;
      const there = ruled({ mapVersion: `${sign}${text}` });
      expect(ruled({ mapVersion: `${sign === '' ? '-' : ''}${text}` }, there)).to.equal(version);
    });
    fc.assert(both, { seed: seed(), numRuns: numRuns(4000) });
  });

  it('are each another one where they are new', () => {
    const next = versionRule({ newVersion: true }, () => Date.parse('2026-11-30T12:00:00.001Z'));
    expect([next(version), next(version)]).to.deep.equal(['2026-11-30T120000.001000Z', '2026-11-30T120000.001001Z']);
  });

  it('are refused where they are none, or two rules decide', () => {
    const wrong: readonly VersionOptions[] = [
      { keepVersion: true, newVersion: true },
      { setVersion: '2018-02-30T000000.000000Z' },
      { setVersion: 'now' },
      ...['1.0000001', '1e3', '', 'x', '0x1', '1,5'].map((mapVersion) => ({ mapVersion })),
    ];
    for (const options of wrong)
      expect(
        thrown(() => ruled(options)),
        JSON.stringify(options),
      ).to.equal('usage');
    expect(thrown(() => ruled({ mapVersion: '-99999999999' }))).to.equal('usage');
  });
});

describe('Bundles that are to be copied', () => {
  const folder = temporaryFolder();
  after(() => folder[Symbol.dispose]());
  const listed = (text: string, options: object = {}) => {
    const manifest = join(folder.path, 'manifest.tsv');
    writeFileSync(manifest, text);
    return wantedBundles({ manifest, ...options }).catch((error: Error) => error.message);
  };

  it('are named, with or without a version, in either notation', async () => {
    const bundle = [`${uuid('AB')}.2018-10-18T15:04:31.370880Z`, uuid('cd'), `${uuid('ab')}.${version}`];
    expect(await wantedBundles({ bundle })).to.deep.equal([
      { uuid: uuid('ab'), version },
      { uuid: uuid('cd'), version: null },
    ]);
    expect(await wantedBundles({ bundle, prefix: 'C', suffix: '0' })).to.deep.equal([
      { uuid: uuid('cd'), version: null },
    ]);
    for (const name of ['x', uuid('ab').slice(1), `${uuid('ab')}.`, `${uuid('ab')}.x`])
      expect(await wantedBundles({ bundle: [name] }).catch((error) => error.code), name).to.equal('usage');
    expect(await wantedBundles({}).catch((error) => error.code)).to.equal('usage');
  });

  it('are listed in tables, each once', async () => {
    const rows = [
      `"a ""b""\tc"\t${uuid('ab')}\t${version}`,
      `x\t${uuid('cd')}\t${version}`,
      `y\t${uuid('ab')}\t${version}`,
    ];
    const table = (end: string) => ['name\tbundle_uuid\tbundle_version', ...rows, ''].join(end);
    const both = [uuid('ab'), uuid('cd')].map((own) => ({ uuid: own, version }));
    for (const end of ['\n', '\r\n']) expect(await listed(table(end))).to.deep.equal(both);
    expect(await listed(`\ufeff${table('\n').trimEnd()}`, { prefix: 'c' })).to.deep.equal([both[1]]);
    expect(await listed('name\tbundle_uuid\n')).to.match(/has no columns bundle_uuid and bundle_version/);
    expect(await listed(`bundle_uuid\tbundle_version\n${uuid('ab')}\tx`)).to.match(/'x' is no version/);
    expect(await listed('bundle_uuid\tbundle_version\n"x')).to.match(/can't be read: row .* has a quote/);
    expect(await wantedBundles({ manifest: '/none' }).catch((error) => error.message)).to.match(/ENOENT/);
  });

  it('are the same however the table comes in pieces', async () => {
    const bytes = new TextEncoder().encode('a\t"b\nü"\t\n"\t"\tc\r\n');
    for (let size = 1; size <= bytes.length; size++) {
      async function* pieces() {
        for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
      }
      const rows: unknown[] = [];
      for await (const row of tsvRows(pieces())) rows.push(row);
      expect(rows).to.deep.equal([
        ['a', 'b\nü', ''],
        ['\t', 'c'],
      ]);
    }
  });
});
