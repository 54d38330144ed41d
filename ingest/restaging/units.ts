import {
  isWithin,
  parseSourceSpec,
  partitionPrefixes,
  type SourceRef,
  type SourceSpec,
} from '../../core/config/sources.ts';
import { byCodePoint } from '../../core/config/text.ts';
import type { BundleFqid } from '../../core/model/bundle.ts';
import type { Repository } from '../../core/model/repository.ts';
import type { AskedRestriction, Wanted } from '../../core/runs/restaging.ts';

/** Bundles that are listed at a time where the source doesn't say (specification, indexing 2.2). */
const together = 8192;
const mostDigits = 8;

/** A source with the parts in which its bundles are listed. */
interface ListedSource {
  readonly ref: SourceRef;
  /** as many as were listed, of all versions */
  readonly bundles: number;
  readonly prefixes: readonly string[];
}

/** Sources of a repository that are wanted, in the order of their ids, and those that haven't changed. @param signal ends it */
export async function wantedSources(repository: Repository, wanted: Wanted, signal: AbortSignal) {
  const sources = (await repository.listSources(signal)).filter((source) => isWithin(source, wanted));
  const specs = new Map(wanted.whole.map(({ source, spec }) => [source, spec]));
  const isUnchanged = ({ id, spec }: SourceRef): boolean => specs.get(id) === spec;
  return {
    changed: sources.filter((source) => !isUnchanged(source)).toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    unchanged: sources.filter(isUnchanged).map(({ id }) => id),
  };
}

/** Sources with the parts in which their bundles are listed. Only numbers are kept. @param signal ends it */
export async function* listedSources(
  repository: Repository,
  sources: readonly SourceRef[],
  restriction: AskedRestriction,
  signal: AbortSignal,
): AsyncGenerator<ListedSource> {
  for (const ref of sources) {
    const prefix = prefixOf(ref);
    const common = narrower(prefix?.common ?? '', restriction.prefix);
    let bundles = 0;
    if (common !== null) for await (const _ of repository.listBundles(ref, common, signal)) bundles++;
    yield { ref, bundles, prefixes: common === null ? [] : unitsOf(prefix, restriction.prefix, bundles) };
  }
}

/** The newest version of each bundle of a source whose uuid begins so, in the order of uuids; and how many were listed. */
export async function newestBundles(
  repository: Repository,
  source: SourceRef,
  prefix: string,
  signal: AbortSignal,
): Promise<{ readonly listed: number; readonly newest: readonly BundleFqid[] }> {
  const newest = new Map<string, BundleFqid>();
  let listed = 0;
  for await (const bundle of repository.listBundles(source, prefix, signal)) {
    listed++;
    const key = bundle.uuid.toLowerCase();
    const known = newest.get(key);
    if (known === undefined || byCodePoint(known.version, bundle.version) < 0) newest.set(key, bundle);
  }
  const sorted = [...newest].sort(([a], [b]) => (a < b ? -1 : 1));
  return { listed, newest: sorted.map(([, bundle]) => bundle) };
}

/** Prefixes that together allow what a source and a restriction both allow. */
function unitsOf(prefix: SourceSpec['prefix'], restricted: string, bundles: number): readonly string[] {
  if (prefix !== undefined)
    return [...new Set([...partitionPrefixes(prefix)].flatMap((unit) => narrower(unit, restricted) ?? []))];
  const digits = Math.max(0, Math.ceil(Math.log(bundles / together) / Math.log(16)));
  return [...partitionPrefixes({ common: restricted, partition: Math.min(digits, mostDigits - restricted.length) })];
}

/** What two prefixes allow together; null where that is nothing. */
function narrower(a: string, b: string): string | null {
  if (a.startsWith(b)) return a;
  return b.startsWith(a) ? b : null;
}

/** A repository may name its sources otherwise: then it is asked for all bundles. */
function prefixOf({ spec }: SourceRef): SourceSpec['prefix'] {
  try {
    return parseSourceSpec(spec).prefix;
  } catch {
    return undefined;
  }
}
