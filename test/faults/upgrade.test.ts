import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { model as recordings } from '../../cli/plugin/template/plugin.ts';
import { LazuliError } from '../../core/config/errors.ts';
import { readAlias } from '../../core/documents/index-layout.ts';
import type { Bundle } from '../../core/model/bundle.ts';
import type { MetadataPlugin } from '../../core/model/metadata.ts';
import type { NormalizedBundle } from '../../core/model/normalized.ts';
import type { Repository } from '../../core/model/repository.ts';
import { systemClock } from '../../core/runtime/clock.ts';
import { noLogger } from '../../core/runtime/logger.ts';
import { noFaults } from '../../core/runtime/ports.ts';
import { StoredDeadLetters } from '../../core/storage/dead-letters.ts';
import { FolderStore } from '../../core/storage/folder.ts';
import { OutdatedBatches } from '../../ingest/outdated/outdated-batches.ts';
import { takeEpoch } from '../../transform/catalog/epochs.ts';
import { CatalogOwner } from '../../transform/owner/catalog.ts';
import { openSearchCluster } from '../../transform/sink/search-cluster.ts';
import { Store } from '../../transform/store/store.ts';
import { defaultLimits } from '../rigs/default-limits.ts';
import { engines } from '../rigs/engines.ts';
import { type Service, startService } from '../rigs/service/harness.ts';
import { stageBatch } from '../rigs/transform/staging.ts';
import { until } from '../rigs/until.ts';

const catalog = 'music';
const source = { id: 'source-1', spec: 'test:/0' };
/** Ids of this data model are words. */
const word = (n: number): string => `word-${String(n).padStart(2, '0')}`;
const uuid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const { albums: albumTable, ...otherTables } = recordings.tables;
const { albums, artists } = recordings.entityTypes;

/** A field is renamed, one is new, and documents about artists are called those about players. */
const later: MetadataPlugin = {
  ...recordings,
  version: 2,
  tables: {
    ...otherTables,
    albums: { columns: { title: { type: 'string' }, publisher: { type: 'string' }, letters: { type: 'int' } } },
  },
  roles: {
    ...recordings.roles,
    albums: {
      tables: { albums: 'columns' },
      whenEmpty: 'list',
      fields: {
        title: { api: 'albumTitle' },
        publisher: { api: 'publisher', facet: true },
        letters: { api: 'letters', facet: true },
      },
    },
  },
  entityTypes: { ...(albums && { albums }), ...(artists && { players: artists }) },
  normalize: (bundle) => {
    const { rows, sets, entities } = recordings.normalize(bundle);
    return { rows: rows.map(renamed), sets, entities: entities.map(asPlayer) } satisfies NormalizedBundle;
  },
};

function renamed(row: NormalizedBundle['rows'][number]): NormalizedBundle['rows'][number] {
  if (row.table !== 'albums') return row;
  const { title, label } = row.values;
  return { ...row, values: { title, publisher: label, letters: String(title).length } };
}

const asPlayer = (entity: NormalizedBundle['entities'][number]) => ({
  ...entity,
  type: entity.type === 'artists' ? 'players' : entity.type,
});

const notifications = [1, 2, 3].map((n) => ({
  action: 'add' as const,
  fqid: { source, uuid: uuid(100 + n), version: '2019-01-01T00:00:00.000000Z' },
  contents: {
    album: { id: word(n), title: 'a'.repeat(n), label: n === 1 ? null : 'Blue' },
    performers: [{ id: word(10), name: 'Glenn', instruments: ['piano'] }],
    ensembles: [],
    tracks: [{ id: `t${n}`, title: 'Aria', format: 'flac', seconds: 60 * n, artists: [word(10)] }],
  },
}));

/** Everything that stays from one version to the next: staged batches, the place of the store, the search cluster. */
async function place() {
  const folder = mkdtempSync(join(tmpdir(), 'lazuli-upgrade-'));
  const [objects, letters] = [new FolderStore(join(folder, 'staging')), new FolderStore(join(folder, 'letters'))];
  await Promise.all([objects.prepare(), letters.prepare()]);
  const opensearch = await engines.opensearch();
  const cluster = openSearchCluster(opensearch);
  const deployment = `u${randomBytes(6).toString('hex')}`;
  const deadLetters = new StoredDeadLetters(letters);

  /** The transform worker of one version. */
  const owned = async (plugin: MetadataPlugin) => {
    const memory = { memoryBytes: defaultLimits.storeMemoryBytes, threads: 1 };
    const store = await Store.open(join(folder, 'store.duckdb'), plugin, memory);
    const { epoch, before } = await takeEpoch(objects, catalog, 'test');
    const parts = { deployment, catalog, plugin, epoch, store, objects, deadLetters, cluster, clock: systemClock };
    const paces = { limits: defaultLimits, copying: null, reconcileMillis: 200, retiredMillis: 60_000 };
    const owner = new CatalogOwner({ ...parts, ...paces, records: objects, logger: noLogger, fault: noFaults });
    const running = owner.run(before);
    const stop = async (): Promise<void> => {
      owner.stop();
      await running;
      await store.close();
    };
    return { owner, [Symbol.asyncDispose]: stop };
  };
  /** What the ingest worker of one version does about batches of another. */
  const renew = async (plugin: MetadataPlugin): Promise<void> => {
    const known = { name: catalog, plugin, repository: {} as Repository };
    const ports = { store: objects, clock: systemClock, fault: noFaults, limits: defaultLimits };
    await new OutdatedBatches(
      new Map([[catalog, known]]),
      { ...ports, putPointer: async () => {}, deadLetters },
      noLogger,
    ).stageAll();
  };
  const service = (plugin: MetadataPlugin) =>
    startService({ plugin, catalog, deployment, sources: [source], sees: () => [source.id] });
  const serves = async (entityType: string): Promise<string[]> => {
    const { status, body } = await cluster.request('GET', `/_alias/${readAlias(deployment, catalog, entityType)}`);
    return status === 404 ? [] : Object.keys(body as object);
  };
  const end = async (): Promise<void> => {
    await cluster.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { objects, deadLetters, owned, renew, service, serves, [Symbol.asyncDispose]: end };
}

type Owned = Awaited<ReturnType<Awaited<ReturnType<typeof place>>['owned']>>;

const buildMillis = 60_000;
const idleIn = ({ owner }: Owned, generation: number) =>
  until(() => owner.progress.state === 'idle' && owner.progress.generation === generation, buildMillis);

const paths = ['/index/albums', `/index/albums/${word(2)}`, '/index/albums?sort=albumTitle&order=desc&size=2'];

/** Asks the same over and over until it is told to end. @returns by path, the different answers one after the other */
function watch(service: Service) {
  let ended = false;
  const answers = paths.map((): string[] => []);
  const asking = (async () => {
    while (!ended) {
      for (const [i, answer] of (await answersOf(service)).entries()) {
        if (answer !== answers[i]?.at(-1)) answers[i]?.push(answer);
      }
    }
  })();
  return async () => {
    ended = true;
    await asking;
    return answers;
  };
}

/** By path. */
async function answersOf(service: Service): Promise<readonly string[]> {
  const answers: string[] = [];
  for (const path of paths) {
    const { status, body } = await service.get(path);
    answers.push(JSON.stringify([status, body]));
  }
  return answers;
}

describe('An upgrade of a metadata plug-in', function () {
  this.timeout(240_000);

  it('is seen by nobody but by what is served: the former generation to its end, then the new one, by either code', async () => {
    await using here = await place();
    await using former = await here.service(recordings);
    await using present = await here.service(later);
    const services = [former, present];
    await stageBatch(here.objects, recordings, catalog, notifications);
    {
      await using worker = await here.owned(recordings);
      await idleIn(worker, 1);
    }
    const answers = () => Promise.all(services.map(answersOf));
    const before = await answers();
    const watched = services.map(watch);
    await using worker = await here.owned(later);
    await until(() => worker.owner.progress.pause !== null);
    expect(worker.owner.progress).to.include({ generation: 1, layout: 'former' });
    expect((await present.get('/index/players')).status).to.equal(404);
    expect((await former.get('/index/artists')).body.hits).to.have.length(1);
    await here.renew(later);
    await idleIn(worker, 2);
    expect(worker.owner.progress).to.include({ layout: 'current', failure: null });
    expect(await here.serves('artists')).to.deep.equal([]);
    // A service may take a second to see a swap.
    const found = async (service: Service, type: string) => (await service.get(`/index/${type}`)).status === 200;
    await until(async () => (await found(present, 'players')) && !(await found(former, 'artists')));
    expect((await present.get('/index/players')).body.hits).to.have.length(1);
    const after = await answers();
    const seen = await Promise.all(watched.map((end) => end()));
    expect(seen).to.deep.equal(before.map((all, i) => all.map((answer, j) => [answer, after[i]?.[j]])));

    const albumIn = async (service: Service) => (await service.get(paths[1] ?? '')).body.albums;
    expect(await albumIn(present)).to.deep.equal([
      { document_id: word(2), title: 'aa', publisher: 'Blue', letters: 2 },
    ]);
    expect(await albumIn(former)).to.deep.equal([{ document_id: word(2), title: 'aa', label: null }]);
    const { termFacets } = (await former.get('/index/albums')).body;
    expect(termFacets.label).to.deep.equal({ terms: [{ term: null, count: 3 }], total: 3, type: 'terms' });
  });

  it('that changes nothing of what batches hold is noticed, too: another generation is built', async () => {
    await using here = await place();
    await using service = await here.service(recordings);
    await stageBatch(here.objects, recordings, catalog, notifications);
    for (const generation of [1, 1]) {
      await using worker = await here.owned(recordings);
      await idleIn(worker, generation);
    }
    const columns = { ...albumTable?.columns, label: { type: 'string', searchable: false } } as const;
    const roles = {
      ...recordings.roles,
      albums: { ...recordings.roles.albums, fields: { title: { api: 'albumTitle' } } },
    };
    const changed = { ...recordings, tables: { ...otherTables, albums: { columns } }, roles } as MetadataPlugin;
    await using worker = await here.owned(changed);
    await idleIn(worker, 2);
    expect((await service.get('/index/albums')).body.termFacets.label.terms).to.deep.equal([{ term: null, count: 3 }]);
    expect((await service.get(`/index/albums/${word(2)}`)).body.albums[0].label).to.equal('Blue');
  });

  it('that refuses what was staged is no run that succeeded: as long as a dead letter says so', async () => {
    await using here = await place();
    await stageBatch(here.objects, recordings, catalog, notifications);
    {
      await using worker = await here.owned(recordings);
      await idleIn(worker, 1);
    }
    const strict: MetadataPlugin = { ...later, normalize: (bundle) => later.normalize(accepted(bundle)) };
    await using worker = await here.owned(strict);
    const { owner } = worker;
    await until(() => owner.progress.pause !== null);
    await here.renew(strict);
    await until(() => owner.progress.failure !== null, buildMillis);
    const [waiting] = await owner.runs();
    expect(waiting).to.deep.include({ kind: 'take-over', state: 'unconfirmed', failures: { bundle_invalid: 1 } });
    await owner.resumeRun(waiting?.id ?? '', true);
    await idleIn(worker, 2);
    const ended = async () => {
      const [{ state, failures, documents: { expected, done } = {}, failure } = {}] = await owner.runs();
      return { state, failures, left: Number(expected) - Number(done), failure };
    };
    const lacking = { state: 'failed', failures: { bundle_invalid: 1 }, left: 0 };
    expect(await ended()).to.deep.include(lacking);
    expect((await ended()).failure).to.match(
      /Generation 2 serves without all that was staged: of lost bundles or batches there are 1\./,
    );
    expect(owner.progress.failure).to.equal((await ended()).failure);

    const refused = await owner.build().catch((error: unknown) => error);
    expect(String(refused)).to.contain('Generation 3 serves without all that was staged');
    expect(await ended()).to.deep.include(lacking);
    for (const { key } of (await here.deadLetters.list()).letters) await here.deadLetters.delete(key);
    await owner.build();
    expect(await ended()).to.deep.equal({ state: 'succeeded', failures: {}, left: 0, failure: null });
  });
});

function accepted(bundle: Bundle): Bundle {
  const { album } = bundle.contents as { album: { title: string } };
  if (album.title === 'aa') throw new LazuliError('bundle_invalid', 'too short', { remedy: 'Give it another title.' });
  return bundle;
}
