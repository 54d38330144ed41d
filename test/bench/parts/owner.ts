import { z } from 'zod';
import { indexPrefix } from '../../../core/config/search-names.ts';
import { readAlias } from '../../../core/documents/index-layout.ts';
import { Activity } from '../../../transform/catalog/activity.ts';
import { Loading, maxBatchesAtOnce } from '../../../transform/loading/loading.ts';
import { StagedBatches } from '../../../transform/loading/staged-batches.ts';
import { Commits } from '../../../transform/store/commits.ts';
import { keepNurserySmall } from '../../../transform/store/heap.ts';
import { Pace } from '../machine/pace.ts';
import { answer } from '../machine/part.ts';
import { catalog } from '../staging.ts';
import { type Built, build, type StatementTimes } from './building.ts';
import { bringIn, removeSource, untilIdle } from './changing.ts';
import { type Opened, open, type Where } from './opening.ts';
import { type SharedBuild, SharedOwner } from './sharing.ts';

/** The transform worker's part of a catalog, without streams. */
export type OwnerPart = {
  /** Opens an empty store. */
  readonly open: (where: Where) => Promise<null>;
  /** Loads all staged batches; returns their number. */
  readonly load: (argument: null) => Promise<number>;
  /** Deletes all indices: what an earlier owner left would be missed in what this one builds. */
  readonly clear: (argument: null) => Promise<null>;
  /** Takes the catalog over, which rebuilds everything into the first generation. */
  readonly take: (argument: null) => Promise<null>;
  /** Rebuilds into a fresh generation; bulk bodies go to the folder too where one is given. */
  readonly rebuild: (argument: { capture: string | null }) => Promise<null>;
  /** Resolves when there is nothing left to do. */
  readonly settle: (argument: null) => Promise<null>;
  /** Brings in batches, as the pointers do that name them, until there is nothing left to do. */
  readonly bringIn: (argument: { batches: readonly string[] }) => Promise<null>;
  /** Removes a source, as an operator does, until there is nothing left to do. */
  readonly removeSource: (argument: { source: string }) => Promise<null>;
  /** Bytes of bulk bodies that were sent until now. */
  readonly sent: (argument: null) => Promise<number>;
  /** Documents that searches find now, over all entity types. */
  readonly count: (argument: null) => Promise<number>;
  /** Stops writing; the store stays open. */
  readonly rest: (argument: null) => Promise<null>;
  /** Lets builders build everything; returns the port at which they ask. */
  readonly share: (argument: { builders: number; inOpenSearch: boolean }) => Promise<{ port: number }>;
  /** Resolves when they have. */
  readonly built: (argument: null) => Promise<SharedBuild>;
  /** Builds everything and drops it. */
  readonly build: (argument: null) => Promise<Built & { statements: StatementTimes }>;
};

const countSchema = z.looseObject({ count: z.int() });

let opened: Opened | undefined;
let shared: { readonly port: number; readonly built: () => Promise<SharedBuild> } | undefined;
/** that builders have built */
let generations = 0;

const methods: OwnerPart = {
  async open(where) {
    keepNurserySmall();
    opened = await open(where);
    return null;
  },
  async load() {
    const { context } = isOpen();
    const staged = new StagedBatches(context);
    const loading = new Loading(context, staged, new Commits(context.store), new Activity(context));
    const batches = await staged.unloaded();
    const pace = new Pace('batches loaded', batches.length);
    for (let i = 0; i < batches.length; i += maxBatchesAtOnce) {
      await loading.load(batches.slice(i, i + maxBatchesAtOnce));
      pace.note(Math.min(i + maxBatchesAtOnce, batches.length));
    }
    return batches.length;
  },
  async clear() {
    const { cluster, deployment } = isOpen().context;
    const { status, body } = await cluster.request('DELETE', `/${indexPrefix(deployment)}*`);
    if (status !== 200) throw new Error(`Indices are not deleted: ${status} ${JSON.stringify(body)}`);
    return null;
  },
  async take() {
    const { owner, before } = isOpen();
    const running = owner.run(before);
    isOpen().running = running;
    await Promise.race([running, untilIdle(owner)]);
    const { failure } = owner.progress;
    if (failure !== null) throw new Error(`What was built doesn't serve: ${failure}`);
    return null;
  },
  async rebuild({ capture: folder }) {
    const { owner, capture } = isOpen();
    capture.begin(folder);
    await owner.build();
    capture.end();
    return null;
  },
  async settle() {
    await untilIdle(isOpen().owner);
    return null;
  },
  async bringIn({ batches }) {
    await bringIn(isOpen(), batches);
    return null;
  },
  async removeSource({ source }) {
    await removeSource(isOpen(), source);
    return null;
  },
  async sent() {
    return isOpen().capture.bytes;
  },
  async count() {
    const { cluster, plugin, deployment } = isOpen().context;
    const aliases = Object.keys(plugin.entityTypes).map((entityType) => readAlias(deployment, catalog, entityType));
    const { body } = await cluster.request('GET', `/${aliases.join(',')}/_count`);
    return countSchema.parse(body).count;
  },
  async rest() {
    const { owner, running } = isOpen();
    owner.stop();
    await running;
    return null;
  },
  async share(options) {
    shared = await SharedOwner.start(isOpen(), ++generations, options);
    return { port: shared.port };
  },
  async built() {
    if (shared === undefined) throw new Error('Nothing is shared');
    return shared.built();
  },
  build: () => build(isOpen().context),
};

function isOpen(): Opened {
  if (opened === undefined) throw new Error('Nothing is open');
  return opened;
}

export const run = (): void => answer(methods);
