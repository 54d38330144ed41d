import type { Settings } from '../../core/config/settings.ts';
import type { HandedOut } from '../../core/control/building.ts';
import type { CatalogStatus as CatalogState } from '../../core/control/catalog-status.ts';
import type { IngestStatus } from '../../core/control/ingest.ts';
import { openDeadLetters, openStaging } from '../../core/deployment/stores.ts';
import { type Pipeline, type PipelineState, pipelineOf, unsearchableSeconds } from '../../core/health/pipeline.ts';
import { type Trouble, troublesOf } from '../../core/runs/troubles.ts';
import { missingFiles, StagedBatches } from '../../core/staged/batches.ts';
import type { Manifest } from '../../core/staged/layout.ts';
import { noneIfRefused } from '../../plugins/opening.ts';
import { metadataPlugin } from '../../plugins/registry.ts';
import { type Answers, askWorkers } from './answers.ts';
import { actionOf, Fed } from './fed.ts';
import { knownStages, refusalOf } from './known-stages.ts';
import { type Failures, LetterLook, noFailures } from './letters.ts';
import { type Indexed, indexedIn } from './search.ts';
import { bundlesBySource } from './staged.ts';

/** Folders of staged files are listed no more often, in milliseconds: who follows progress looks four times a second. */
const listingMillis = 5_000;
/** Beyond it workers don't list the sources of a store. */
const mostSources = 1000;

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
  /** dead letters by reason; `unreadable` where the letter itself is damaged, `not_read` beyond the first 500 */
  readonly failures: Readonly<Record<string, number>>;
  /** fed, staged or stored, but not yet where it is to go */
  readonly inFlight: { readonly notifications: number; readonly batches: number; readonly documents: number };
  /** since the stream took the oldest notification that isn't searchable; 0 where all are */
  readonly oldestUnsearchableSeconds: number;
  /** nothing is in flight: what isn't there by now won't come by itself */
  readonly settled: boolean;
  /** settled, without failures and troubles: all that was asked for can be found */
  readonly finished: boolean;
  /** of the indices that serve, and those that the settings ask for, which takes a reindex; null where they are the same */
  readonly otherShards: { readonly serving: number; readonly wanted: number } | null;
  /** who works on a build beside the owner of the catalog; null where it builds alone, or not */
  readonly builders: HandedOut | null;
  /** why nothing goes on, if so */
  readonly paused: readonly string[];
  /** all that isn't as it should be, pauses included, with what to do about it */
  readonly troubles: readonly Trouble[];
}

/** What was found out of all catalogs at once. */
interface Look {
  readonly answers: Answers;
  readonly reported: PipelineState;
  readonly failures: ReadonlyMap<string | null, Failures>;
}

/** Looks at a deployment again and again; what can't change is read once. */
export class PipelineObserver {
  readonly #settings: Settings;
  readonly #pipeline: Pipeline;
  readonly #staged = new Map<string, StagedBatches>();
  readonly #fedOf = new Map<string, Fed>();
  readonly #listed = new Map<string, { readonly at: number; readonly gone: readonly string[] }>();
  #letters: LetterLook | null = null;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#pipeline = pipelineOf(settings);
  }

  /** @throws LazuliError `unavailable` where no worker answers */
  async look(): Promise<readonly CatalogStatus[]> {
    const names = Object.keys(this.#settings.catalogs);
    this.#letters ??= new LetterLook(await openDeadLetters(this.#settings), names);
    const [answers, reported, failures] = await Promise.all([
      askWorkers(this.#settings),
      this.#pipeline.look(),
      this.#letters.byCatalog(),
    ]);
    const none = failures.get(null);
    const statuses = names.map((name) => this.#catalog(name, { answers, reported, failures }));
    return [...(await Promise.all(statuses)), ...(none === undefined ? [] : [ofNoCatalog(none)])];
  }

  async #catalog(catalog: string, look: Look): Promise<CatalogStatus> {
    const { answers, reported } = look;
    const failures = look.failures.get(catalog) ?? noFailures;
    const state = answers.catalogs.get(catalog);
    const { manifests, damaged } = await (await this.#batches(catalog)).readable();
    const staged = bundlesBySource(manifests);
    const fed = this.#fed(catalog);
    const fedBySource = countsOf(fed.all().values());
    const stored = state?.batches?.stored ?? 0;
    const inFlight = {
      notifications: Math.max(unprocessed(answers.ingest), unaccounted(fed, staged, failures).length),
      batches: Math.max(0, manifests.length - failures.batches - stored),
      documents: state?.outbox ?? 0,
    };
    const isQuiet = Object.values(inFlight).every((n) => n === 0);
    const missing = isQuiet ? lacking(manifests, state) : null;
    const [indexed, gone] = await Promise.all([this.#indexed(catalog), this.#gone(catalog, manifests)]);
    const known = knownStages(catalog, answers, reported, { indexed, gone, damaged, missing });
    const troubles = known.flatMap(troublesOf);
    const isRefused = answers.ingest !== null && refusalOf(answers.ingest, catalog) !== undefined;
    const settled = isSettled(state) && !isRefused && isQuiet;
    return {
      catalog,
      sources: [...new Set([...staged.keys(), ...fedBySource.keys()])].sort().map((source) => ({
        source,
        fed: fedBySource.get(source) ?? null,
        staged: staged.get(source)?.size ?? 0,
        stored: state?.sources === undefined ? null : (state.sources.find(({ id }) => id === source)?.stored ?? 0),
      })),
      batches: { staged: manifests.length, stored },
      documents: { indexed: indexed.counts, waiting: inFlight.documents },
      failures: Object.fromEntries(failures.byReason),
      inFlight,
      oldestUnsearchableSeconds: unsearchableSeconds(reported, catalog),
      settled,
      finished: settled && failures.byReason.size === 0 && troubles.length === 0,
      otherShards: otherShards(state),
      builders: buildersOf(state),
      paused: known.flatMap(({ stage, paused }) => (paused === null ? [] : [`${stage}: ${paused.reason}`])),
      troubles,
    };
  }

  /** Keys of staged files that weren't there a moment ago. */
  async #gone(catalog: string, manifests: readonly Manifest[]): Promise<readonly string[]> {
    const known = this.#listed.get(catalog);
    if (known !== undefined && Date.now() < known.at + listingMillis) return known.gone;
    const batches = manifests.map(({ batch, tables }) => ({ batch, tables: Object.keys(tables) }));
    const gone = await missingFiles(await openStaging(this.#settings), catalog, batches);
    this.#listed.set(catalog, { at: Date.now(), gone });
    return gone;
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

  async #indexed(catalog: string): Promise<Indexed> {
    const { name = '' } = this.#settings.catalogs[catalog]?.plugins.metadata ?? {};
    const plugin = await metadataPlugin(name, this.#settings).catch(noneIfRefused);
    return indexedIn(this.#settings, catalog, Object.keys(plugin?.entityTypes ?? {}));
  }
}

function otherShards({ shards }: Partial<CatalogState> = {}): CatalogStatus['otherShards'] {
  if (!shards || shards.serving === shards.wanted) return null;
  return { serving: shards.serving, wanted: shards.wanted };
}

function buildersOf({ rebuild }: Partial<CatalogState> = {}): HandedOut | null {
  return rebuild && rebuild.builders.wanted > 0 ? rebuild.builders : null;
}

/** Nothing to load or to write: `idle` follows the sink's acknowledgement. */
function isSettled(state: CatalogState | undefined): boolean {
  return state?.state === 'idle' && state.outbox !== undefined;
}

/** Additions that batches have and the store of their sources hasn't; null where that isn't known. */
function lacking(manifests: readonly Manifest[], state: CatalogState | undefined): number | null {
  if (state?.sources === undefined) return null;
  const additions = manifests.map((one) => ({ ...one, bundles: one.bundles.filter(({ action }) => action === 'add') }));
  const stored = new Map(state.sources.map((one) => [one.id, one.stored]));
  const staged = [...bundlesBySource(additions)];
  if (staged.length > stored.size && stored.size >= mostSources) return null;
  return staged.reduce((n, [source, { size }]) => n + Math.max(0, size - (stored.get(source) ?? 0)), 0);
}

/** Notifications of any origin; a shard that isn't read to its end counts for one more. */
function unprocessed(ingest: IngestStatus | null): number {
  if (ingest === null || ingest.shards.length === 0) return 1;
  const { shards } = ingest;
  return shards
    .filter(({ state }) => state !== 'ended')
    .reduce((n, { pending, millisBehindLatest }) => n + pending + (millisBehindLatest === 0 ? 0 : 1), 0);
}

/** Keys of what was fed, is awaited, and is neither staged nor dead. */
export function unaccounted(
  fed: Fed,
  staged: ReadonlyMap<string, ReadonlySet<string>>,
  failures: Failures,
): readonly string[] {
  const sources = fed.all();
  const isDead = (key: string): boolean => {
    const action = actionOf(key);
    return action !== null && failures.has(action);
  };
  return fed.awaited().filter((key) => !staged.get(sources.get(key) ?? '')?.has(key) && !isDead(key));
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
    builders: null,
    paused: [],
    troubles: [],
  };
}

function countsOf(values: Iterable<string>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
