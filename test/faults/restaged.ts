import type { BundleFqid } from '../../core/model/bundle.ts';
import type { Run, RunOptions } from '../../core/runs/run.ts';
import { Standings } from '../../core/staged/standings.ts';
import { FolderStore } from '../../core/storage/folder.ts';
import { notifications } from '../rigs/hca/notifications.ts';
import { until } from '../rigs/until.ts';
import type { WorldBundle } from './clean.ts';
import { ask, type Documents } from './indexed.ts';
import { Pipeline } from './pipeline.ts';
import { catalog, type PipelineOptions } from './pipeline-settings.ts';
import { fillRepository, generatedBundles, smallWorld, worldOf } from './world.ts';

const runMillis = 180_000;
/** A repository is indexed, and indexed again: on a busy machine that takes long. */
export const settleMillis = 180_000;

type Which = (fqid: BundleFqid) => boolean;

/** A world is indexed, with everything that was notified of it; then its repository changes. */
export class Changing {
  readonly pipeline: Pipeline;
  /** newest versions, in the order of uuids */
  readonly newest: readonly WorldBundle[];
  /** of which nothing was notified before the run */
  readonly late: WorldBundle;
  /** that the repository has no more */
  readonly gone: WorldBundle;

  private constructor(pipeline: Pipeline, bundles: readonly WorldBundle[], late: WorldBundle) {
    this.pipeline = pipeline;
    this.newest = newestOf(bundles).filter((one) => one !== late);
    this.late = late;
    this.gone = this.#counting()[0] as WorldBundle;
  }

  /** Without workers. */
  static async open(options: Omit<PipelineOptions, 'world'> = {}): Promise<Changing> {
    const bundles = generatedBundles(smallWorld);
    const late = newestOf(bundles).at(-1) as WorldBundle;
    const notified = [...notifications(smallWorld)].filter(({ fqid }) => fqid.uuid !== late.fqid.uuid);
    const world = await worldOf(bundles, notified);
    return new Changing(await Pipeline.open({ ...options, world }), bundles, late);
  }

  /** The bundle that is gone is, and the late one is there; but for that everything is listed, in its newest version. */
  async change(): Promise<void> {
    await fillRepository(this.pipeline.world.folder, [...this.listed, this.late]);
  }

  /** What the repository lists, but for the late one. */
  get listed(): readonly WorldBundle[] {
    return this.newest.filter((one) => one !== this.gone);
  }

  /** A bundle that counts before the run. */
  counting(isMeant: Which = () => true): WorldBundle {
    return this.#counting().find((one) => one !== this.gone && isMeant(one.fqid)) as WorldBundle;
  }

  /** Notified while the run goes on: the late one is added, another one deleted. */
  async happen(deleted: WorldBundle): Promise<void> {
    await this.pipeline.notify([
      { action: 'add', fqid: this.late.fqid },
      { action: 'delete', fqid: deleted.fqid },
    ]);
  }

  /** What must be indexed once a run of some bundles has ended, and `happen`. */
  async expected(deleted: WorldBundle, isOfRun: Which = () => true): Promise<Documents> {
    const { notifications: before } = this.pipeline.world;
    const kept = generatedBundles(smallWorld).filter(({ fqid }) => !isOfRun(fqid) && fqid.uuid !== this.late.fqid.uuid);
    const bundles = [...kept, ...this.listed.filter(({ fqid }) => isOfRun(fqid)), this.late];
    const deletions = before.filter(({ action, fqid }) => action === 'delete' && !isOfRun(fqid));
    const world = await worldOf(bundles, [...deletions, { action: 'delete', fqid: deleted.fqid }]);
    return world.expected();
  }

  #counting(): readonly WorldBundle[] {
    const deleted = this.pipeline.world.notifications.filter(({ action }) => action === 'delete');
    const others = new Set([this.late.fqid.uuid, ...deleted.map(({ fqid }) => fqid.uuid)]);
    return this.newest.filter(({ fqid }) => !others.has(fqid.uuid));
  }
}

export const runs = async (pipeline: Pipeline): Promise<readonly Run[]> =>
  (await ask(pipeline.url('transform'), 'GET', `/runs/${catalog}`)) as readonly Run[];

export async function start(pipeline: Pipeline, options: Partial<RunOptions>): Promise<Run> {
  return (await ask(pipeline.url('transform'), 'POST', '/runs/start', { catalog, ...options })) as Run;
}

export const change = (pipeline: Pipeline, what: 'cancel' | 'resume', id: string, acceptVanished = false) =>
  ask(
    pipeline.url('transform'),
    'POST',
    `/runs/${what}`,
    what === 'cancel' ? { catalog, id } : { catalog, id, acceptVanished },
  );

/** Waits until the latest run is in a state. */
export async function latest(pipeline: Pipeline, state: Run['state']): Promise<Run> {
  let run: Run | undefined;
  await until(async () => {
    [run] = await runs(pipeline);
    return run?.state === state;
  }, runMillis);
  return run as Run;
}

/** Batches that were staged aside and don't count. */
export async function aside(pipeline: Pipeline): Promise<readonly string[]> {
  return (await new Standings(new FolderStore(pipeline.settings.folders.staging), catalog).read()).aside;
}

function newestOf(bundles: readonly WorldBundle[]): readonly WorldBundle[] {
  const newest = new Map<string, WorldBundle>();
  for (const one of bundles) {
    const key = `${one.fqid.source.id} ${one.fqid.uuid}`;
    const known = newest.get(key);
    if (known === undefined || known.fqid.version < one.fqid.version) newest.set(key, one);
  }
  return [...newest.values()].sort((a, b) => (a.fqid.uuid < b.fqid.uuid ? -1 : 1));
}
