import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { writeBundles } from '../../cli/generated-folder.ts';
import { actionKey, Fed } from '../../cli/pipeline/fed.ts';
import { readBundleFolder } from '../../cli/up/bundle-folder.ts';
import type { LazuliError } from '../../core/config/errors.ts';
import { settingsIn, temporaryFolder } from '../rigs/cli/lazuli.ts';
import { isSharedPresent, shared } from '../rigs/shared.ts';

const uuid = '00000000-0000-4000-8000-000000000001';
const source = { id: 's', spec: 'https://repository.example/v1:/0' };

describe('what is fed', () => {
  it('is remembered from start to start', () => {
    using folder = temporaryFolder();
    const settings = settingsIn(folder.path);
    const action = { action: 'add', uuid, version: '1', source } as const;
    const fed = new Fed(settings, 'hca');
    expect(fed.has(action)).to.equal(false);
    fed.add(action);
    expect(new Fed(settings, 'hca').has(action)).to.equal(true);
    expect(new Fed(settings, 'hca').has({ ...action, action: 'delete' })).to.equal(false);
    expect(new Fed(settings, 'other').has(action)).to.equal(false);
  });

  it('is told apart whatever ids hold', () => {
    using folder = temporaryFolder();
    const settings = settingsIn(folder.path);
    const odd = [
      '__proto__',
      'constructor',
      'a b',
      'a',
      ' b',
      '',
      'line\nline',
      '\r',
      '"',
      '\\',
      '\u2028',
      '[]',
      'ü🧬',
    ];
    const actions = odd.flatMap((id) =>
      odd.map((version) => ({ action: 'add', uuid, version, source: { id, spec: 's' } }) as const),
    );
    const fed = new Fed(settings, 'hca');
    for (const action of actions) {
      expect(fed.has(action), JSON.stringify(action)).to.equal(false);
      fed.add(action);
    }
    const again = new Fed(settings, 'hca');
    expect(actions.filter((action) => !again.has(action))).to.deep.equal([]);
    expect(again.all().size).to.equal(actions.length);
    expect(again.awaited().map((key) => JSON.parse(key))).to.deep.equal(
      actions.map(({ version, source: { id } }) => ['add', uuid, version, id]),
    );
    expect([...again.all()]).to.deep.equal(actions.map((action) => [actionKey(action), action.source.id]));
    again.dropSource('__proto__');
    expect(new Fed(settings, 'hca').awaited()).to.have.length(actions.length - odd.length);
  });

  it('is not what half a line says, wherever it was cut', () => {
    using folder = temporaryFolder();
    const settings = settingsIn(folder.path);
    const file = join(folder.path, 'fed', 'hca.txt');
    const first = { action: 'add', uuid, version: '1', source } as const;
    const second = { ...first, version: 'ü' };
    for (const action of [first, second]) new Fed(settings, 'hca').add(action);
    const whole = readFileSync(file);
    for (let end = whole.indexOf('\n') + 1; end < whole.length; end++) {
      writeFileSync(file, whole.subarray(0, end));
      const reader = new Fed(settings, 'hca');
      expect(reader.all().size, `${end} bytes`).to.equal(1);
      reader.add(second);
      expect([...new Fed(settings, 'hca').all().keys()], `${end} bytes`).to.deep.equal([first, second].map(actionKey));
    }
  });

  it('survives a line that was cut short', () => {
    using folder = temporaryFolder();
    const settings = settingsIn(folder.path);
    const action = { action: 'add', uuid, version: '1', source } as const;
    mkdirSync(join(folder.path, 'fed'));
    appendFileSync(join(folder.path, 'fed', 'hca.txt'), `add ${uuid}.`);
    expect(new Fed(settings, 'hca').has(action)).to.equal(false);
    new Fed(settings, 'hca').add(action);
    expect(new Fed(settings, 'hca').has(action)).to.equal(true);
  });
});

describe('a folder of bundles', () => {
  it('gives additions, then deletions, with their sources', () => {
    using folder = temporaryFolder();
    const bundles = [{ file: 'a.json', uuid, version: '1' }];
    const deletions = [{ uuid, version: '1' }];
    writeFileSync(join(folder.path, 'bundles.json'), JSON.stringify({ catalog: 'test', source, bundles, deletions }));
    expect(readBundleFolder(folder.path)).to.deep.equal({
      folder: folder.path,
      catalog: 'test',
      metadata: 'hca',
      sources: [source],
      actions: [
        { action: 'add', uuid, version: '1', source },
        { action: 'delete', uuid, version: '1', source },
      ],
    });
  });

  it('is refused with file and member when it is wrong', () => {
    using folder = temporaryFolder();
    const refusal = (): LazuliError => {
      try {
        readBundleFolder(folder.path);
      } catch (error) {
        return error as LazuliError;
      }
      throw new Error('it was not refused');
    };
    expect(refusal().message).to.match(/bundles\.json: ENOENT/);
    writeFileSync(join(folder.path, 'bundles.json'), JSON.stringify({ source, bundles: [{ uuid }] }));
    expect(refusal().message).to.match(/bundles\.json: .*bundles\[0\]\.file/s);
    writeFileSync(join(folder.path, 'bundles.json'), JSON.stringify({ catalog: 'No Name', source, bundles: [] }));
    expect(refusal().message).to.match(/at catalog/);
    const bundle = { file: 'a.json', uuid, version: '1' };
    const wrong = { file: 'a.json', uuid: 'nobody', version: 'x'.repeat(129) };
    for (const [what, told] of [
      [{ source, bundles: [], deletions: [wrong] }, /at deletions\[0\]\.uuid.*at deletions\[0\]\.version/s],
      [{ source, bundles: Array(7).fill(wrong) }, /at bundles\[4\]\.version\n… and 4 more$/],
      [{ bundles: Array(12).fill(bundle) }, /bundles\.9\.source is missing.*\n… and 2 more$/s],
      [
        { source, bundles: [bundle], deletions: [{ uuid, version: '1', source: 'other' }] },
        /deletions\.0\.source: no source has the id other$/,
      ],
    ] as const) {
      writeFileSync(join(folder.path, 'bundles.json'), JSON.stringify(what));
      expect(refusal().message).to.match(told);
    }
  });

  it('can be generated', async () => {
    using folder = temporaryFolder();
    await writeBundles(folder.path, { seed: 1, bundles: 20, versions: 0.5, deletions: 0.5, sources: 2 });
    const { actions, catalog, sources } = readBundleFolder(folder.path);
    expect(catalog).to.equal('hca');
    expect(sources).to.have.length(2);
    expect(actions.filter(({ action }) => action === 'add').length).to.be.at.least(20);
    expect(actions.filter(({ action }) => action === 'delete').length).to.be.at.least(1);
  });

  it('can be the real samples', function () {
    const { actions, catalog } = readBundleFolder(shared(this, 'samples/hca'));
    expect(isSharedPresent()).to.equal(true);
    expect(catalog).to.equal('hca');
    expect(actions).to.have.length(29);
  });
});
