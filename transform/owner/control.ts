import { LazuliError } from '../../core/config/errors.ts';
import type { Settings } from '../../core/config/settings.ts';
import { isRestricted } from '../../core/config/sources.ts';
import { buildingControl } from '../../core/control/building.ts';
import type { CatalogStatus } from '../../core/control/catalog-status.ts';
import type { Handlers } from '../../core/control/declaration.ts';
import { serve } from '../../core/control/serve.ts';
import { transformControl } from '../../core/control/transform.ts';
import type { OperatorsApi } from '../../core/http/operators-app.ts';
import { systemClock } from '../../core/runtime/clock.ts';
import type { Logger } from '../../core/runtime/logger.ts';
import type { CatalogShard } from '../loading/consumers.ts';
import type { StagedBatches } from '../loading/staged-batches.ts';
import { type Pause, pauseOf } from '../sink/pause.ts';
import type { Store } from '../store/store.ts';
import type { CatalogOwner } from './catalog.ts';
import { census } from './census.ts';
import type { OwnedCatalog, Taken } from './owned-catalog.ts';

/** What is done where a transform process is asked for something. */
export type TransformControl = Handlers<typeof transformControl>;

/** What is done where builders ask a transform process for buckets. */
export type BuildingControl = Handlers<typeof buildingControl>;

/** The port for operators of a transform process. @param building where it has builders */
export const controlApi = (control: TransformControl, building?: BuildingControl): OperatorsApi => ({
  title: 'Lazuli transform',
  description: 'Tells how far a transform process is, and has it begin runs and other work.',
  operations: [...serve(transformControl, control), ...(building ? serve(buildingControl, building) : [])],
});

/** A catalog that was taken over. */
export interface OpenCatalog extends Taken {
  readonly owner: CatalogOwner;
  readonly store: Store;
  readonly staged: StagedBatches;
  /** numbers of entity types by their names */
  readonly entityTypes: ReadonlyMap<string, number>;
}

export interface ControlParts {
  readonly settings: Settings;
  /** those that it has tried to take over so far, open or not */
  readonly catalogs: ReadonlyMap<string, OwnedCatalog<OpenCatalog>>;
  readonly shards: () => readonly CatalogShard[];
  readonly logger: Logger;
}

/** Has the owners of catalogs do what is asked for. */
export function controlOf({ settings, catalogs, shards, logger }: ControlParts): TransformControl {
  const find = (catalog: string): OpenCatalog => {
    const one = catalogs.get(catalog);
    return one?.open ?? notOpen(settings, catalog, one?.failure);
  };
  return {
    async status() {
      const found = await Promise.all([...catalogs].map(async ([name, one]) => [name, await statusOf(one)] as const));
      return { stage: 'transform', shards: shards(), catalogs: Object.fromEntries(found) };
    },
    runs: async ({ catalog }) => find(catalog).owner.runs(),
    startRun: async ({ catalog, ...options }) => find(catalog).owner.startRun(options),
    async reindex({ catalog }) {
      const { owner } = find(catalog);
      owner.build().catch((error: unknown) => logger.error({ err: error, catalog }, 'reindex failed'));
    },
    async forecast({ catalog, ...asked }) {
      const restriction = isRestricted(asked) ? asked : undefined;
      return find(catalog).owner.forecast(restriction);
    },
    cancelRun: async ({ catalog, id }) => find(catalog).owner.cancelRun(id),
    resumeRun: async ({ catalog, id, acceptVanished }) => find(catalog).owner.resumeRun(id, acceptVanished),
    verify: async ({ catalog, generation }) => find(catalog).owner.verify(generation),
    async verifyDocuments({ catalog, generation, after }) {
      const { owner, entityTypes } = find(catalog);
      if (after !== null && !entityTypes.has(after.entityType)) noType(after.entityType, entityTypes);
      return owner.verifyDocuments(generation, after);
    },
    async rollBack({ catalog, generation }) {
      return { catalog, generation: await find(catalog).owner.rollBack(generation) };
    },
    drop: async ({ catalog, generation }) => find(catalog).owner.drop(generation),
    async replay({ catalog, from }) {
      return { catalog, batches: await find(catalog).owner.replay(Date.parse(from)) };
    },
    removeSource: async ({ catalog, source }) => find(catalog).owner.removeSource(source),
    async touch({ catalog, entityType, entityId }) {
      const { owner, entityTypes } = find(catalog);
      const number = entityTypes.get(entityType) ?? noType(entityType, entityTypes);
      await owner.touch({ entityType: number, entityId });
    },
  };
}

/** Has the owners of catalogs give buckets to builders, the first one that has any. */
export function buildingOf({ settings, catalogs }: Pick<ControlParts, 'settings' | 'catalogs'>): BuildingControl {
  return {
    async builders() {
      const wanted = [...catalogs.values()].map((one) => one.open?.owner.buckets.wanted ?? 0);
      return { wanted: wanted.reduce((a, b) => a + b, 0) };
    },
    async takeBucket({ builder, held, wants, except }) {
      const bucketsOf = (catalog: string) => catalogs.get(catalog)?.open?.owner.buckets;
      const lost = held.filter((of) => !(bucketsOf(of.catalog)?.keep(of, builder) ?? false));
      const asked = wants ? [...catalogs.keys()].filter((name) => !except.includes(name)) : [];
      for (const name of asked) {
        const item = bucketsOf(name)?.handOut(builder) ?? null;
        if (item !== null) return { item, lost };
      }
      return { item: null, lost };
    },
    async reportBucket(report) {
      const one = catalogs.get(report.of.catalog);
      const { owner } = one?.open ?? notOpen(settings, report.of.catalog, one?.failure);
      await owner.buckets.note(report);
      return { of: report.of };
    },
  };
}

/** Where not even counting is possible, the reason takes the place of numbers. */
async function statusOf({ open, failure }: OwnedCatalog<OpenCatalog>): Promise<CatalogStatus> {
  if (open === null) return { ...nothingDone, pause: failure };
  const { owner, store, staged } = open;
  const progress = failure === null ? owner.progress : { ...owner.progress, state: 'paused' as const, pause: failure };
  try {
    return { ...progress, ...(await census(store, staged)) };
  } catch (error) {
    return { ...progress, pause: progress.pause ?? pauseOf(error, systemClock.now()) };
  }
}

/** Of a catalog that isn't taken over. */
const nothingDone: Omit<CatalogStatus, 'pause'> = {
  ...{ state: 'paused', epoch: 0, generation: null, layout: null, rebuild: null, failure: null },
  ...{ shards: null, kept: [], batchesLoaded: 0, documentsWritten: 0 },
};

function notOpen({ catalogs }: Settings, catalog: string, failure: Pause | null | undefined): never {
  if (!Object.hasOwn(catalogs, catalog)) notFound(`There is no catalog '${catalog}'`, Object.keys(catalogs));
  const why = failure
    ? `The store of ${catalog} isn't open: ${failure.reason}`
    : `The store of ${catalog} is being opened.`;
  throw new LazuliError('unavailable', why, { remedy: 'Ask again in a moment; its log says how far it is.' });
}

const noType = (entityType: string, known: OpenCatalog['entityTypes']): never =>
  notFound(`There is no entity type '${entityType}'`, [...known.keys()]);

/** @throws LazuliError `not_found` that names what there is */
export function notFound(message: string, known: readonly string[]): never {
  throw new LazuliError('not_found', message, { remedy: `Choose one of: ${known.join(', ')}.` });
}
