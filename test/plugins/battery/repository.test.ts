import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { SourceRef } from '../../../core/config/sources.ts';
import type { BundleFqid } from '../../../core/model/bundle.ts';
import type { Repository } from '../../../core/model/repository.ts';
import type { Finding } from '../../../plugins/battery/finding.ts';
import { repositoryFindings } from '../../../plugins/battery/repository.ts';
import { canned } from '../../../plugins/repository/canned/plugin.ts';
import { patient } from '../../signals.ts';
import { expectNone } from './findings.ts';

const source = { id: 'archive', spec: 'archive:' };
const other = { id: 'attic', spec: 'attic:' };
const version = '2020-01-01';
const bundles = ['00', '0f', '10', 'a0', 'a1', 'ff'].map((start, i) => ({
  file: `${i}.json`,
  uuid: `${start}000000-0000-4000-8000-000000000000`,
  version,
}));

describe('The battery for repository plug-ins', () => {
  let folder: string;
  let repository: Repository;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lazuli-battery-'));
    for (const { file } of bundles) writeFileSync(join(folder, file), JSON.stringify({ file }));
    writeFileSync(join(folder, 'more.json'), '{}');
    const more = { ...bundles[0], file: 'more.json', version: '2021-01-01' };
    const elsewhere = { ...bundles[0], source: other.id };
    const index = { source, sources: [other], bundles: [...bundles, more, elsewhere] };
    writeFileSync(join(folder, 'bundles.json'), JSON.stringify(index));
    repository = await canned.open({ folder }, []);
  });
  after(() => rmSync(folder, { recursive: true }));

  it('finds nothing wrong with canned', () => expectNone(repositoryFindings(repository, patient)));

  /** What the battery says of a repository that differs from a right one. */
  async function saidOf(change: (right: Repository) => Partial<Repository>): Promise<string> {
    const right = new Proxy(repository, {
      get: (target, name) => (target[name as keyof Repository] as (() => unknown) | undefined)?.bind(target),
    });
    const wrong = new Proxy(right, {
      get: (target, name) => change(right)[name as keyof Repository] ?? target[name as keyof Repository],
    });
    const found: Finding[] = [];
    for await (const one of repositoryFindings(wrong, patient)) found.push(one);
    return found.map(({ where, what }) => `${where}: ${what}`).join('\n');
  }

  async function* some(right: Repository, of: SourceRef, prefix: string, isKept: (fqid: BundleFqid) => boolean) {
    for await (const fqid of right.listBundles(of, prefix, patient)) if (isKept(fqid)) yield fqid;
  }

  const wrong: Readonly<Record<string, readonly [(right: Repository) => Partial<Repository>, RegExp]>> = {
    'lists a part that is not whole': [
      (right) => ({
        listBundles: (of, prefix) => some(right, of, prefix, ({ uuid }) => prefix === '' || uuid[0] !== 'f'),
      }),
      /the parts of '' have 6 bundles, and 7 begin so/,
    ],
    'lists bundles whatever the prefix': [
      (right) => ({ listBundles: (of) => some(right, of, '', () => true) }),
      /the parts of '' have 112 bundles/,
    ],
    'gives another bundle for one that is not there': [
      (right) => ({
        fetchBundle: (fqid, most, signal) => {
          const known = fqid.version.startsWith('20') && fqid.source.id !== 'no such source';
          return right.fetchBundle(
            { ...fqid, ...(known ? {} : { source, uuid: bundles[1]?.uuid ?? '', version }) },
            most,
            signal,
          );
        },
      }),
      /an unknown version: gives no error/,
    ],
    'does not hear its signal': [
      (right) => ({
        listSources: () => right.listSources(patient),
        listBundles: (of, prefix) => right.listBundles(of, prefix, patient),
        fetchBundle: (fqid, most) => right.fetchBundle(fqid, most, patient),
      }),
      /listSources, begun when nobody waits: gives an answer\nlistBundles, begun .*an answer\nfetchBundle, begun .*an answer\nlistBundles, left at its first bundle: gives 6 more bundles/,
    ],
    'gives more than it may': [
      (right) => ({ fetchBundle: (fqid, _most, signal) => right.fetchBundle(fqid, 2 ** 20, signal) }),
      /gives no error for a bundle of more than maxBytes/,
    ],
    'calls a source otherwise than it lists it': [
      (right) => ({
        fetchBundle: async (fqid, most, signal) => ({
          ...(await right.fetchBundle(fqid, most, signal)),
          source: { ...fqid.source, spec: 'other:' },
        }),
      }),
      /says that it is of source archive, other:/,
    ],
    'says where an unknown file is': [
      () => ({ locateFile: async () => ({ kind: 'url', url: 'https://data.example/none' }) }),
      /locateFile: says where an unknown file is/,
    ],
    'does not hear that nobody asks for a file any more': [
      () => ({ locateFile: async () => null }),
      /locateFile, begun when nobody waits: gives an answer/,
    ],
    'shows sources that there are not': [
      () => ({ accessibleSources: async () => new Set(['cellar']) }),
      /accessibleSources: has cellar, which aren't listed/,
    ],
  };
  for (const [what, [change, said]] of Object.entries(wrong))
    it(`finds one that ${what}`, async () => {
      expect(await saidOf(change)).to.match(said);
    });
});
