import type { Settings } from '../../core/config/settings.ts';
import type { CatalogStatus as CatalogState } from '../../core/control/catalog-status.ts';
import type { IngestStatus } from '../../core/control/ingest.ts';
import { ingestOf } from '../../core/control/workers.ts';
import { openDeadLetters, openStaging } from '../../core/deployment/stores.ts';
import { type Pipeline, pipelineOf, unsearchableSeconds } from '../../core/health/pipeline.ts';
import { StagedBatches } from '../../core/staged/batches.ts';
import { noneIfRefused } from '../../plugins/opening.ts';
import { metadataPlugin } from '../../plugins/registry.ts';
import { catalogStates } from './catalogs.ts';
import { Fed } from './fed.ts';
import { type Failures, failuresByCatalog, noFailures } from './letters.ts';
import { countDocuments } from './search.ts';
import { bundlesBySource } from './staged.ts';

/** Notifications of one source, by how far they have come. */
export interface SourceStatus {
  readonly source: string;
  /** acknowledged by the endpoint, as far as `lazuli up` fed them; null where others did */
  readonly fed: number | null;
  readonly staged: number;
  /** additions in the store; null where the transform worker doesn't say */
  readonly stored: number | null;
}

export interface CatalogStatus {
  /** null: none of those configured, but dead letters say that there was something, such as records that can't be read */
  readonly catalog: string | null;
  readonly sources: readonly SourceStatus[];
  readonly batches: { readonly staged: number; readonly stored: number };
  /** `indexed`: found by a search now, by entity type; `waiting`: to be written */
  readonly documents: { readonly indexed: Readonly<Record<string, number>>; readonly waiting: number };
  /** dead letters by reason; `unreadable` where the letter itself is damaged */
  readonly failures: Readonly<Record<string, number>>;
  /** fed, staged or stored, but not yet where it is to go */
  readonly inFlight: { readonly notifications: number; readonly batches: number; readonly documents: number };
  /** since the stream took the oldest notification that isn't searchable; 0 where all are */
  readonly oldestUnsearchableSeconds: number;
  /** nothing is in flight: what isn't there by now won't come by itself */
  readonly settled: boolean;
  /** settled, and without failures: all that was asked for can be found */
  readonly finished: boolean;
  /** of the indices that serve, and those that the settings ask for, which takes a reindex; null where they are the same */
  readonly otherShards: { readonly serving: number; readonly wanted: number } | null;
  /** why nothing goes on, if so */
  readonly paused: readonly string[];
}

/** What is known beside the state of a catalog. */
interface Ingested {
  /** notifications of any catalog that were not staged yet */
  readonly pending: number;
  readonly paused: readonly string[];
  /** by ingest */
  readonly isRefused: boolean;
  readonly oldestUnsearchableSeconds: number;
  readonly failures: Failures;
}

/** Looks at a deployment again and again; what can't change is read once. */
export class PipelineObserver {
  readonly #settings: Settings;
  readonly #pipeline: Pipeline;
  readonly #staged = new Map<string, StagedBatches>();
  readonly #fedOf = new Map<string, Fed>();

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#pipeline = pipelineOf(settings);
  }

  /** @throws LazuliError `unavailable` when a worker doesn't answer */
  async look(): Promise<readonly CatalogStatus[]> {
    const [states, ingest, reported] = await Promise.all([
      catalogStates(this.#settings),
      ingestOf(this.#settings).status(),
      this.#pipeline.look(),
    ]);
    const paused = ingest.paused ? [`ingest: ${ingest.paused.reason}`] : [];
    const pending = unprocessed(ingest.shards);
    const names = Object.keys(this.#settings.catalogs);
    const failures = await failuresByCatalog(await openDeadLetters(this.#settings), names);
    const none = failures.get(null);
    const statuses = names.map((name) =>
      this.#catalog(name, states[name], {
        isRefused: Object.hasOwn(ingest.refused, name),
        pending,
        paused: [...paused, ...refusal(ingest.refused[name])],
        oldestUnsearchableSeconds: unsearchableSeconds(reported, name),
        failures: failures.get(name) ?? noFailures,
      }),
    );
    return [...(await Promise.all(statuses)), ...(none === undefined ? [] : [ofNoCatalog(none)])];
  }

  async #catalog(
    catalog: string,
    state: CatalogState | undefined,
    { pending, paused, isRefused, oldestUnsearchableSeconds, failures }: Ingested,
  ): Promise<CatalogStatus> {
    const manifests = await (await this.#batches(catalog)).read();
    const staged = bundlesBySource(manifests);
    const fed = this.#fed(catalog);
    const fedBySource = countsOf(fed.all().values());
    const stored = state?.batches?.stored ?? 0;
    const inFlight = {
      notifications: Math.max(pending, unaccounted(fed, staged, failures).length),
      batches: Math.max(0, manifests.length - failures.batches - stored),
      documents: state?.outbox ?? 0,
    };
    const settled = isSettled(state) && !isRefused && Object.values(inFlight).every((n) => n === 0);
    return {
      catalog,
      sources: [...new Set([...staged.keys(), ...fedBySource.keys()])].sort().map((source) => ({
        source,
        fed: fedBySource.get(source) ?? null,
        staged: staged.get(source)?.size ?? 0,
        stored: state?.sources === undefined ? null : (state.sources.find(({ id }) => id === source)?.stored ?? 0),
      })),
      batches: { staged: manifests.length, stored },
      documents: { indexed: await this.#indexed(catalog), waiting: inFlight.documents },
      failures: Object.fromEntries(failures.byReason),
      inFlight,
      oldestUnsearchableSeconds,
      settled,
      finished: settled && failures.byReason.size === 0,
      otherShards: otherShards(state),
      paused: [...paused, ...(state?.pause ? [`transform: ${state.pause.reason}`] : [])],
    };
  }

  #fed(catalog: string): Fed {
    const known = this.#fedOf.get(catalog) ?? new Fed(this.#settings, catalog);
    this.#fedOf.set(catalog, known);
    return known;
  }

  async #batches(catalog: string): Promise<StagedBatches> {
    const known = this.#staged.get(catalog) ?? new StagedBatches(await openStaging(this.#settings), catalog);
    this.#staged.set(catalog, known);
    return known;
  }

  async #indexed(catalog: string): Promise<Record<string, number>> {
    const { name = '' } = this.#settings.catalogs[catalog]?.plugins.metadata ?? {};
    const plugin = await metadataPlugin(name, this.#settings).catch(noneIfRefused);
    if (plugin === null) return {};
    const counts = Object.keys(plugin.entityTypes).map(
      async (entityType) => [entityType, await countDocuments(this.#settings, catalog, entityType)] as const,
    );
    return Object.fromEntries(await Promise.all(counts));
  }
}

const refusal = (reason: string | undefined): readonly string[] =>
  reason === undefined ? [] : [`ingest: refused: ${reason}`];

function otherShards({ shards }: Partial<CatalogState> = {}): CatalogStatus['otherShards'] {
  if (!shards || shards.serving === shards.wanted) return null;
  return { serving: shards.serving, wanted: shards.wanted };
}

/** Nothing to load or to write: `idle` follows the sink's acknowledgement. */
function isSettled(state: CatalogState | undefined): boolean {
  return state?.state === 'idle' && state.outbox !== undefined;
}

/** Notifications of any origin; a shard that isn't read to its end counts for one more. */
function unprocessed(shards: IngestStatus['shards']): number {
  if (shards.length === 0) return 1;
  return shards
    .filter(({ state }) => state !== 'ended')
    .reduce((n, { pending, millisBehindLatest }) => n + pending + (millisBehindLatest === 0 ? 0 : 1), 0);
}

/** Keys of what was fed, is awaited, and is neither staged nor dead. */
export function unaccounted(
  fed: Fed,
  staged: ReadonlyMap<string, ReadonlySet<string>>,
  { actions }: Failures,
): readonly string[] {
  const sources = fed.all();
  const isMissing = (key: string): boolean => !staged.get(sources.get(key) ?? '')?.has(key) && !actions.has(key);
  return fed.awaited().filter(isMissing);
}

function ofNoCatalog({ byReason }: Failures): CatalogStatus {
  return {
    catalog: null,
    sources: [],
    batches: { staged: 0, stored: 0 },
    documents: { indexed: {}, waiting: 0 },
    failures: Object.fromEntries(byReason),
    inFlight: { notifications: 0, batches: 0, documents: 0 },
    oldestUnsearchableSeconds: 0,
    settled: true,
    finished: false,
    otherShards: null,
    paused: [],
  };
}

function countsOf(values: Iterable<string>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
