import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { LazuliError } from '../core/config/errors.ts';
import { systemClock } from '../core/runtime/clock.ts';
import { type TurnLimits, Turns } from '../core/runtime/turns.ts';
import type { Exports } from './manifests/exports.ts';
import type { SearchEngine } from './opensearch.ts';
import type { FacetCache, Lookup } from './search/facet-cache.ts';
import type { OtherLayout } from './search/serving.ts';

/** Seconds */
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15];

/** The same engine, counting and timing what it is asked. */
export function measured(engine: SearchEngine, registry: Registry): SearchEngine {
  const seconds = new Histogram({
    name: 'lazuli_opensearch_request_duration_seconds',
    help: 'Requests to OpenSearch by what they ask and how they ended',
    labelNames: ['operation', 'outcome'] as const,
    buckets,
    registers: [registry],
  });
  const searches = new Counter({
    name: 'lazuli_opensearch_searches_total',
    help: 'Searches sent to OpenSearch, several of which can be in one request',
    registers: [registry],
  });
  const timed = async <T>(operation: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> => {
    const start = performance.now();
    let outcome = 'ok';
    try {
      return await work();
    } catch (error) {
      const code = error instanceof LazuliError ? error.code : 'failed';
      outcome = signal?.aborted ? 'cancelled' : code;
      throw error;
    } finally {
      seconds.observe({ operation, outcome }, (performance.now() - start) / 1000);
    }
  };
  return {
    serving: (aliases) => timed('serving', () => engine.serving(aliases)),
    search: (asked, signal) => {
      searches.inc(asked.length);
      return timed('search', () => engine.search(asked, signal), signal);
    },
    ping: () => timed('ping', () => engine.ping()),
    close: () => engine.close(),
  };
}

/** Counts what becomes of facet searches; for a `FacetCache`. */
export function lookupCounter(registry: Registry): (lookup: Lookup) => void {
  const lookups = new Counter({
    name: 'lazuli_facet_lookups_total',
    help: 'Facet searches by what became of them: remembered, joined to one in flight, or sent',
    labelNames: ['outcome'] as const,
    registers: [registry],
  });
  return (outcome) => lookups.inc({ outcome });
}

/** Has requests search in turn, and tells how many do, wait, and don't get there. */
export function measuredTurns(limits: TurnLimits, registry: Registry): Turns {
  const outcomes = new Counter({
    name: 'lazuli_search_turns_total',
    help: 'Requests that search by what became of them: had their turn, cancelled as nobody waited for them any more, refused as too many waited, or expired as they had waited too long',
    labelNames: ['outcome'] as const,
    registers: [registry],
  });
  const turns = new Turns(limits, { clock: systemClock, onOutcome: (outcome) => outcomes.inc({ outcome }) });
  watched(registry, 'lazuli_searches_at_once', 'Requests that search', () => turns.size.atOnce);
  watched(registry, 'lazuli_searches_waiting', 'Requests that wait for their turn to search', () => turns.size.waiting);
  return turns;
}

/** Counts requests that met an index of another layout than is declared; for a `Serving`. */
export function otherLayoutCounter(registry: Registry): (what: OtherLayout) => void {
  const requests = new Counter({
    name: 'lazuli_other_layout_requests_total',
    help: 'Requests on indices of another layout than this version declares: read as they are, or refused',
    labelNames: ['outcome'] as const,
    registers: [registry],
  });
  return (outcome) => requests.inc({ outcome });
}

/** Counts requests for exports. */
export function exportCounter(registry: Registry): Exports['count'] {
  const requests = new Counter({
    name: 'lazuli_export_requests_total',
    help: 'Requests for exports by format and by what became of them: a job was queued, one joined, or the file was there',
    labelNames: ['format', 'outcome'] as const,
    registers: [registry],
  });
  return (format, outcome) => requests.inc({ format, outcome });
}

/** Tells how much is remembered. */
export function watchCache(cache: FacetCache, registry: Registry): void {
  watched(registry, 'lazuli_facet_cache_answers', 'Answers to facet searches in memory', () => cache.size.answers);
  watched(
    registry,
    'lazuli_facet_cache_bytes',
    'About what answers to facet searches take in memory',
    () => cache.size.bytes,
  );
}

/** Tells a value as it is when somebody asks. */
function watched(registry: Registry, name: string, help: string, value: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(value());
    },
  });
}
