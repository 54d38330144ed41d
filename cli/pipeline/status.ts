import type { Settings } from '../../config/settings.ts';
import { type Pipeline, pipelineOf, unsearchableSeconds } from '../../http/pipeline.ts';
import { metadataPlugin } from '../../plugins/registry.ts';
import type { DeadLetter } from '../../streams/dead-letter.ts';
import { openDeadLetters, openStaging } from '../../streams/stores.ts';
import { Fed, sourceOfKey } from './fed.ts';
import { bundlesBySource, StagedBatches } from './staged.ts';
import { type CatalogState, countDocuments, type IngestState, ingestStatus, transformStatus } from './workers.ts';

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
  readonly catalog: string;
  readonly sources: readonly SourceStatus[];
  readonly batches: { readonly staged: number; readonly stored: number };
  /** `indexed`: found by a search now, by entity type; `waiting`: to be written */
  readonly documents: { readonly indexed: Readonly<Record<string, number>>; readonly waiting: number };
  /** dead letters by reason */
  readonly failures: Readonly<Record<string, number>>;
  /** fed, staged or stored, but not yet where it is to go */
  readonly inFlight: { readonly notifications: number; readonly batches: number; readonly documents: number };
  /** since the stream took the oldest notification that isn't searchable; 0 where all are */
  readonly oldestUnsearchableSeconds: number;
  readonly finished: boolean;
  /** why nothing goes on, if so */
  readonly paused: readonly string[];
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
    const [transform, ingest, reported] = await Promise.all([
      transformStatus(this.#settings),
      ingestStatus(this.#settings),
      this.#pipeline.look(),
    ]);
    const paused = ingest.paused ? [`ingest: ${ingest.paused.reason}`] : [];
    const pending = unprocessed(ingest.shards);
    return Promise.all(
      Object.keys(this.#settings.catalogs).map((name) =>
        this.#catalog(name, transform.catalogs[name], pending, paused, unsearchableSeconds(reported, name)),
      ),
    );
  }

  async #catalog(
    catalog: string,
    state: CatalogState | undefined,
    pending: number,
    paused: readonly string[],
    oldestUnsearchableSeconds: number,
  ): Promise<CatalogStatus> {
    const letters = await this.#letters(catalog);
    const manifests = await (await this.#batches(catalog)).read();
    const staged = bundlesBySource(manifests);
    const fed = this.#fed(catalog);
    const fedBySource = countBy([...fed.all()], sourceOfKey);
    const stored = state?.batches?.stored ?? 0;
    const inFlight = {
      notifications: Math.max(pending, unaccounted(fed.awaited(), staged, letters)),
      batches: Math.max(0, manifests.length - letters.filter(({ kind }) => kind === 'batch').length - stored),
      documents: state?.outbox ?? 0,
    };
    return {
      catalog,
      sources: [...new Set([...staged.keys(), ...Object.keys(fedBySource)])].sort().map((source) => ({
        source,
        fed: fedBySource[source] ?? null,
        staged: staged.get(source)?.size ?? 0,
        stored: state?.sources === undefined ? null : (state.sources.find(({ id }) => id === source)?.stored ?? 0),
      })),
      batches: { staged: manifests.length, stored },
      documents: { indexed: await this.#indexed(catalog), waiting: inFlight.documents },
      failures: countBy(letters, ({ reason }) => reason),
      inFlight,
      oldestUnsearchableSeconds,
      finished: isSettled(state) && Object.values(inFlight).every((n) => n === 0),
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

  async #letters(catalog: string): Promise<readonly DeadLetter[]> {
    const letters = await openDeadLetters(this.#settings);
    const all: DeadLetter[] = [];
    let after: string | null = '';
    while (after !== null) {
      const page = await letters.list({ catalog, limit: 1000, after });
      all.push(...page.letters);
      after = page.next;
    }
    return all;
  }

  async #indexed(catalog: string): Promise<Record<string, number>> {
    const plugin = await metadataPlugin(this.#settings.catalogs[catalog]?.plugins.metadata.name ?? '');
    const counts = Object.keys(plugin.entityTypes).map(
      async (entityType) => [entityType, await countDocuments(this.#settings, catalog, entityType)] as const,
    );
    return Object.fromEntries(await Promise.all(counts));
  }
}

/** Nothing to load or to write: `idle` follows the sink's acknowledgement. */
function isSettled(state: CatalogState | undefined): boolean {
  return state?.state === 'idle' && state.outbox !== undefined;
}

/** Notifications of any origin; a shard that isn't read to its end counts for one more. */
function unprocessed(shards: IngestState['shards']): number {
  if (shards.length === 0) return 1;
  return shards
    .filter(({ state }) => state !== 'ended')
    .reduce((n, { pending, millisBehindLatest }) => n + pending + (millisBehindLatest === 0 ? 0 : 1), 0);
}

/** How many of what was fed are neither staged nor dead. */
function unaccounted(
  awaited: readonly string[],
  staged: ReadonlyMap<string, ReadonlySet<string>>,
  letters: readonly DeadLetter[],
): number {
  const dead = new Set(letters.map(({ place }) => place.bundle));
  const isMissing = (key: string): boolean => !staged.get(sourceOfKey(key))?.has(key) && !dead.has(key.split(' ')[1]);
  return awaited.filter(isMissing).length;
}

function countBy<T>(items: readonly T[], key: (item: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[key(item)] = (counts[key(item)] ?? 0) + 1;
  return counts;
}
