import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { notifyMissing } from '../../cli/commands/missing.ts';
import { compareAll } from '../../cli/missing/comparison.ts';
import { bundlesInOrder } from '../../cli/missing/listed-bundles.ts';
import { readStaged, type StagedBundle, writeStaged } from '../../cli/missing/staged-versions.ts';
import { main } from '../../cli/program.ts';
import { settingsSchema } from '../../core/config/settings.ts';
import type { Restriction, SourceRef } from '../../core/config/sources.ts';
import { FolderStore } from '../../core/storage/folder.ts';
import { ensureHmacKey } from '../../ingest/hmac-key.ts';
import type { BundleNotification } from '../../ingest/notify.ts';
import { settingsIn } from '../rigs/cli/lazuli.ts';
import { printed } from '../rigs/cli/printed.ts';
import { fqid, source, toy } from '../rigs/models/toy.ts';
import { stageBatch, type TestNotification } from '../rigs/transform/staging.ts';
import { patient } from '../signals.ts';

/** Bundles of sources: versions that the repository lists, and those that are staged, with whether they are deleted. */
interface Bundle {
  readonly source: string;
  readonly uuid: string;
  readonly listed: readonly number[];
  readonly staged: ReadonlyMap<number, boolean>;
}

const refOf = (id: string): SourceRef => ({ id, spec: `${id}:` });
const sourceIds = ['a', 'b', 'unlisted'];

function repositoryOf(bundles: readonly Bundle[]) {
  const listing = { asked: 0, given: 0 };
  return {
    ...listing,
    listing,
    listSources: async () => [refOf('b'), refOf('a')],
    async *listBundles({ id }: SourceRef, prefix: string) {
      listing.asked++;
      for (const { source: of, uuid, listed } of bundles.filter(
        (one) => one.source === id && one.uuid.startsWith(prefix),
      ))
        for (const version of listed) {
          listing.given++;
          yield { source: refOf(of), uuid: uuid.toUpperCase(), version: String(version) };
        }
    },
  };
}

async function* stagedOf(bundles: readonly Bundle[]): AsyncGenerator<StagedBundle> {
  const order = (one: Bundle) => `${one.source} ${one.uuid}`;
  for (const one of bundles.toSorted((a, b) => (order(a) < order(b) ? -1 : 1))) {
    const versions = [...one.staged].sort().map(([version, deleted]) => ({ version: String(version), deleted }));
    if (versions.length > 0) yield { source: refOf(one.source), uuid: one.uuid, versions };
  }
}

const everything: Restriction = { source: null, prefix: '' };

async function missingOf(bundles: readonly Bundle[], restriction = everything, most = 3) {
  const notifications: BundleNotification[] = [];
  const sources = await compareAll({
    ...{ repository: repositoryOf(bundles), restriction, staged: stagedOf(bundles), signal: patient, most },
    onNotification: (notification) => void notifications.push(notification),
  });
  return { sources, notifications };
}

const names = (notifications: readonly BundleNotification[]) =>
  notifications
    .map(({ action, fqid: { source: from, uuid, version } }) => `${action} ${from.id} ${uuid} ${version}`)
    .sort();

const versions = fc.uniqueArray(fc.integer({ min: 1, max: 4 }), { maxLength: 3 });
const someBundles = fc.uniqueArray(
  fc.record({
    source: fc.constantFrom(...sourceIds),
    uuid: fc.stringMatching(/^[0-3]{9}$/),
    listed: versions,
    staged: fc
      .array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.boolean()), { maxLength: 3 })
      .map((all) => new Map(all)),
  }),
  { selector: ({ source: of, uuid }) => `${of} ${uuid}`, maxLength: 30 },
);

/** The version that counts, after what is missing was notified. */
function counting({ staged }: Bundle, own: readonly BundleNotification[]): number | null {
  const state = new Map(staged);
  for (const {
    action,
    fqid: { version },
  } of own)
    state.set(Number(version), action === 'delete');
  const live = [...state].filter(([, deleted]) => !deleted).map(([version]) => version);
  return live.length === 0 ? null : Math.max(...live);
}

async function allOf(file: string): Promise<readonly StagedBundle[]> {
  const found: StagedBundle[] = [];
  for await (const bundle of readStaged(file)) found.push(bundle);
  return found;
}

describe('What is missing', () => {
  it('makes count what the repository lists, whatever was missed, but for what was deleted here', () =>
    fc.assert(
      fc.asyncProperty(someBundles, async (bundles) => {
        const { sources, notifications } = await missingOf(bundles);
        for (const bundle of bundles) {
          const own = notifications.filter(
            ({ fqid: { uuid, source: from } }) => uuid === bundle.uuid && from.id === bundle.source,
          );
          const newest = bundle.listed.length === 0 || bundle.source === 'unlisted' ? null : Math.max(...bundle.listed);
          if (bundle.source === 'unlisted') expect(own).to.deep.equal([]);
          else if (newest === null || bundle.staged.get(newest) !== true)
            expect(counting(bundle, own)).to.equal(newest);
          else expect(own.every(({ action }) => action === 'delete')).to.equal(true);
        }
        const counted = sources.reduce((sum, { added, deleted }) => sum + added + deleted, 0);
        expect(counted).to.equal(notifications.length);
        expect(new Set(names(notifications)).size).to.equal(notifications.length);
      }),
    ));

  it('is nothing once it was notified', () =>
    fc.assert(
      fc.asyncProperty(someBundles, async (bundles) => {
        const { notifications } = await missingOf(bundles);
        const after = bundles.map((bundle) => {
          const staged = new Map(bundle.staged);
          for (const {
            action,
            fqid: { uuid, version, source: from },
          } of notifications)
            if (uuid === bundle.uuid && from.id === bundle.source) staged.set(Number(version), action === 'delete');
          return { ...bundle, staged };
        });
        expect((await missingOf(after)).notifications).to.deep.equal([]);
      }),
    ));

  const bundle = (
    from: string,
    uuid: string,
    listed: readonly number[],
    staged: readonly [number, boolean][],
  ): Bundle => ({
    ...{ source: from, uuid, listed, staged: new Map(staged) },
  });

  it('is told by source, and restricted to what was asked for', async () => {
    const bundles = [
      bundle('a', '01', [1, 2], [[1, false]]),
      bundle(
        'a',
        '02',
        [],
        [
          [1, false],
          [2, false],
          [3, true],
        ],
      ),
      bundle('a', '11', [1], [[1, true]]),
      bundle('a', '12', [1], [[1, false]]),
      bundle('b', '01', [1], []),
      bundle('unlisted', '01', [], [[1, false]]),
    ];
    const { sources, notifications } = await missingOf(bundles);
    expect(names(notifications)).to.deep.equal(['add a 01 2', 'add b 01 1', 'delete a 02 1', 'delete a 02 2']);
    const of = (id: string, listed: number | null, [staged, added, deleted, left]: readonly number[]) => ({
      ...{ source: id, spec: `${id}:`, listed, staged, added, deleted, left },
    });
    expect(sources).to.deep.equal([
      of('a', 3, [3, 1, 2, 1]),
      of('b', 1, [0, 1, 0, 0]),
      of('unlisted', null, [1, 0, 0, 0]),
    ]);
    const some = bundles.filter(({ source: from, uuid }) => from === 'a' && uuid.startsWith('1'));
    expect((await missingOf(some, { source: 'a', prefix: '1' })).notifications).to.deep.equal([]);
  });

  it('is listed in parts that memory holds', async () => {
    const bundles = Array.from({ length: 4096 }, (_, i) => bundle('a', i.toString(16).padStart(4, '0'), [1], []));
    const repository = repositoryOf(bundles);
    const found: string[] = [];
    for await (const { uuid } of bundlesInOrder({ repository, source: refOf('a'), signal: patient, most: 300 }, ''))
      found.push(uuid);
    expect(found).to.deep.equal(bundles.map(({ uuid }) => uuid));
    expect(repository.listing.asked).to.equal(33);
    expect(repository.listing.given).to.equal(4096 + 301 * 2);
  });
});

describe('`lazuli reindex --from repository --missing`', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lazuli-missing-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const add = (n: number, version = '1'): TestNotification => ({
    ...{ action: 'add', fqid: fqid(n, version), contents: { things: [] } },
  });
  const undo = (n: number, action: 'delete' | 'restore', number = 1): TestNotification => ({
    ...{ action, number, fqid: fqid(n, '1') },
  });

  async function settingsOf(listed: readonly number[]) {
    const settings = settingsSchema.parse(settingsIn(folder));
    const bundles = listed.map((n) => ({ file: 'x.json', uuid: fqid(n).uuid, version: '1', source }));
    const config = join(folder, 'lazuli.json');
    const at = join(folder, 'bundles');
    await writeFile(config, JSON.stringify(settings));
    await new FolderStore(at).put('bundles.json', Buffer.from(JSON.stringify({ sources: [source], bundles })));
    ensureHmacKey(settings.hmacKeyFile);
    return { settings, config, store: new FolderStore(settings.folders.staging) };
  }

  it('reads what is staged as it counts', async () => {
    const { settings, store } = await settingsOf([]);
    await stageBatch(store, toy, 'hca', [add(2), add(1), undo(1, 'delete'), add(3, '2')]);
    await stageBatch(store, toy, 'hca', [
      undo(2, 'delete'),
      undo(2, 'restore'),
      add(3),
      undo(4, 'delete', 2),
      undo(4, 'restore'),
    ]);
    await stageBatch(store, toy, 'hca', [add(5)], 'abcdef');
    await writeStaged(settings, 'hca', everything, join(folder, 'staged'));
    const found = await allOf(join(folder, 'staged'));
    const one = (n: number, ...all: readonly [string, boolean][]) => ({
      ...{ source, uuid: fqid(n).uuid, versions: all.map(([version, deleted]) => ({ version, deleted })) },
    });
    expect(found).to.deep.equal([
      ...[one(1, ['1', true]), one(2, ['1', false]), one(3, ['1', false], ['2', false]), one(4, ['1', true])],
    ]);
    await writeStaged(settings, 'hca', { source: 'none', prefix: '' }, join(folder, 'none'));
    expect(await allOf(join(folder, 'none'))).to.deep.equal([]);
  });

  it('tells numbers and the first names, and changes nothing, with --dry-run', async () => {
    const { config, store } = await settingsOf([1, 2, 3, 4, 5, 6, 7, 8]);
    await stageBatch(store, toy, 'hca', [add(1), add(9)]);
    const { lines, output } = printed();
    const words = ['reindex', '--from', 'repository', '--missing', '--dry-run', '--config', config];
    expect(await main(words, output)).to.equal(0);
    const name = (n: number) => `${fqid(n).uuid}.1`;
    expect(lines.out).to.deep.equal([
      '7 additions and 1 deletions of hca would be notified',
      `add: ${[2, 3, 4, 5, 6].map(name).join(', ')}, …`,
      `delete: ${name(9)}`,
      'source    listed  staged  to add  to delete  deleted here',
      'source-1  8       2       7       1          0',
    ]);
    const asJson = printed();
    await main([...words, '--json'], asJson.output);
    expect(JSON.parse(asJson.lines.out.join(''))).to.include({ catalog: 'hca', dryRun: true, add: 7, delete: 1 });
  });

  it('asks before it deletes many, and says what it could not notify of', async () => {
    const many = Array.from({ length: 101 }, (_, i) => add(i + 1));
    const { settings, store } = await settingsOf([]);
    await stageBatch(store, toy, 'hca', many);
    const options = { restriction: everything, dryRun: false, acceptsVanished: false, asJson: false };
    const outcome = await notifyMissing(settings, 'hca', options, printed().output).catch((error: unknown) => error);
    expect(outcome)
      .to.include({ code: 'conflict' })
      .and.property('message')
      .match(/^101 versions of 101 bundles/);
  });

  it('needs the repository', async () => {
    const { config } = await settingsOf([]);
    expect(await main(['reindex', '--missing', '--config', config], printed().output)).to.equal(2);
  });
});
