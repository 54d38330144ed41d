import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Settings } from '../../config/settings.ts';
import { metadataPlugin } from '../../plugins/registry.ts';
import type { DeadLetter } from '../../streams/dead-letter.ts';
import { StoredDeadLetters } from '../../streams/dead-letters.ts';
import { FolderStore } from '../../streams/folder.ts';
import { bundlesBySource, StagedBatches } from './staged.ts';
import { type CatalogState, countDocuments, ingestStatus, transformStatus } from './workers.ts';

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
  readonly finished: boolean;
  /** why nothing goes on, if so */
  readonly paused: readonly string[];
}

/** Looks at a deployment again and again; what can't change is read once. */
export class PipelineObserver {
  readonly #settings: Settings;
  readonly #staged = new Map<string, StagedBatches>();
  readonly #deadLetters: StoredDeadLetters;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#deadLetters = new StoredDeadLetters(new FolderStore(settings.folders.deadLetters));
  }

  /** @throws LazuliError `unavailable` when a worker doesn't answer */
  async look(): Promise<readonly CatalogStatus[]> {
    const [transform, ingest] = await Promise.all([transformStatus(this.#settings), ingestStatus(this.#settings)]);
    const paused = ingest.paused ? [`ingest: ${ingest.paused.reason}`] : [];
    return Promise.all(
      Object.keys(this.#settings.catalogs).map((name) => this.#catalog(name, transform.catalogs[name], paused)),
    );
  }

  async #catalog(catalog: string, state: CatalogState | undefined, paused: string[]): Promise<CatalogStatus> {
    const letters = await this.#letters(catalog);
    const manifests = this.#batches(catalog).read();
    const staged = bundlesBySource(manifests);
    const fed = fedBySource(this.#settings, catalog);
    const dead = letters.filter(({ kind }) => kind === 'notification').length;
    const deadBatches = letters.filter(({ kind }) => kind === 'batch').length;
    const total = (counts: Map<string, Set<string>>): number =>
      [...counts.values()].reduce((n, { size }) => n + size, 0);
    const stored = state?.batches?.stored ?? 0;
    const inFlight = {
      notifications: Math.max(0, total(fed) - total(staged) - dead),
      batches: Math.max(0, manifests.length - deadBatches - stored),
      documents: state?.outbox ?? 0,
    };
    return {
      catalog,
      sources: [...new Set([...staged.keys(), ...fed.keys()])].sort().map((source) => ({
        source,
        fed: fed.get(source)?.size ?? null,
        staged: staged.get(source)?.size ?? 0,
        stored: state?.sources === undefined ? null : (state.sources.find(({ id }) => id === source)?.stored ?? 0),
      })),
      batches: { staged: manifests.length, stored },
      documents: { indexed: await this.#indexed(catalog), waiting: inFlight.documents },
      failures: countBy(letters, ({ reason }) => reason),
      inFlight,
      finished: isSettled(state) && Object.values(inFlight).every((n) => n === 0),
      paused: [...paused, ...(state?.pause ? [`transform: ${state.pause.reason}`] : [])],
    };
  }

  #batches(catalog: string): StagedBatches {
    const known = this.#staged.get(catalog) ?? new StagedBatches(this.#settings.folders.staging, catalog);
    this.#staged.set(catalog, known);
    return known;
  }

  async #letters(catalog: string): Promise<readonly DeadLetter[]> {
    const all: DeadLetter[] = [];
    let after: string | null = '';
    while (after !== null) {
      const page = await this.#deadLetters.list({ catalog, limit: 1000, after });
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

/** What `lazuli up` wrote down, by source id: the folder `fed` beside the dead letters. */
function fedBySource({ folders }: Settings, catalog: string): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const line of readLines(join(dirname(folders.deadLetters), 'fed', `${catalog}.txt`))) {
    const source = line.slice(line.lastIndexOf(' ') + 1);
    found.set(source, (found.get(source) ?? new Set()).add(line));
  }
  return found;
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function countBy<T>(items: readonly T[], key: (item: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[key(item)] = (counts[key(item)] ?? 0) + 1;
  return counts;
}
