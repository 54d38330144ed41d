import { isDeepStrictEqual } from 'node:util';
import { sourceRefSchema, uuidPattern, versionSchema } from '../../core/config/identities.ts';
import type { SourceRef } from '../../core/config/sources.ts';
import { jsonTextOf, wholeJson } from '../../core/config/text.ts';
import type { BundleFqid } from '../../core/model/bundle.ts';
import type { Repository } from '../../core/model/repository.ts';
import { abortFindings } from './aborted.ts';
import { type Finding, outcomeOf, told } from './finding.ts';
import { codeOf, listed, nameOf } from './listed.ts';

/** Of one bundle. */
const maxBytes = 256 * 2 ** 20;
/** Bundles of a source that are fetched. */
const maxFetched = 20;
const digits = [...'0123456789abcdef'];
const noBundle = '00000000-0000-4000-8000-00000000dead';

/**
 * What is wrong with a repository that has something to list: whether list and fetch agree, parts by prefix are disjoint
 * and complete, what isn't there is missing, and signals end what they belong to.
 *
 * @param signal ends the checks themselves
 */
export async function* repositoryFindings(repository: Repository, signal: AbortSignal): AsyncGenerator<Finding> {
  const sources = await repository.listSources(signal);
  yield* sourceFindings(repository, sources, signal);
  let some: BundleFqid | undefined;
  for (const source of sources) {
    const bundles = await listed(repository, source, '', signal);
    some ??= bundles[0];
    yield* listFindings(repository, source, bundles, signal);
    yield* prefixFindings(repository, source, bundles, signal);
    for (const fqid of bundles.slice(0, maxFetched)) yield* fetchFindings(repository, fqid, signal);
    yield* missingFindings(repository, source, bundles[0], signal);
  }
  yield* fileFindings(repository, signal);
  if (some === undefined)
    yield { where: 'listBundles', what: 'lists nothing', remedy: 'Try a repository that has bundles.' };
  else yield* abortFindings(repository, some);
}

async function* sourceFindings(
  repository: Repository,
  sources: readonly SourceRef[],
  signal: AbortSignal,
): AsyncGenerator<Finding> {
  const where = 'listSources';
  for (const source of sources)
    if (!sourceRefSchema.safeParse(source).success)
      yield { where, what: `${JSON.stringify(source)} is no source`, remedy: 'Give id and spec.' };
  const ids = sources.map(({ id }) => id);
  if (new Set(ids).size < ids.length) yield { where, what: 'has an id twice', remedy: 'List each source once.' };
  if (!isDeepStrictEqual(await repository.listSources(signal), sources))
    yield { where, what: 'gives other sources the second time', remedy: 'List the same in the same order.' };
  const seen = await repository.accessibleSources({ subject: null }, signal);
  const foreign = [...seen].filter((id) => !ids.includes(id));
  if (foreign.length > 0)
    yield {
      where: 'accessibleSources',
      what: `has ${foreign.join(', ')}, which aren't listed`,
      remedy: 'Leave them out.',
    };
}

async function* listFindings(
  repository: Repository,
  source: SourceRef,
  bundles: readonly BundleFqid[],
  signal: AbortSignal,
): AsyncGenerator<Finding> {
  const where = `listBundles of ${source.id}`;
  const names = bundles.map(nameOf);
  if (new Set(names).size < names.length)
    yield { where, what: 'has a bundle twice', remedy: 'List each version once.' };
  const again = (await listed(repository, source, '', signal)).map(nameOf);
  if (!isDeepStrictEqual(again.sort(), [...names].sort()))
    yield { where, what: 'gives other bundles the second time', remedy: 'List all there are, each time.' };
  for (const { uuid, version, source: own } of bundles) {
    if (!uuidPattern.test(uuid) || uuid !== uuid.toLowerCase())
      yield { where, what: `'${uuid}' is no UUID in lower case`, remedy: 'Give UUIDs as notifications have them.' };
    if (!versionSchema.safeParse(version).success)
      yield { where, what: `'${version}' is no version`, remedy: 'Give a text of at most 128 characters.' };
    if (!isDeepStrictEqual(own, source))
      yield { where, what: `${uuid} is of source ${own.id}`, remedy: 'List bundles of the given source only.' };
  }
}

/** A run lists in parts by the beginnings of UUIDs: each bundle has to be in one. */
async function* prefixFindings(
  repository: Repository,
  source: SourceRef,
  bundles: readonly BundleFqid[],
  signal: AbortSignal,
): AsyncGenerator<Finding> {
  const where = `listBundles of ${source.id} by prefix`;
  const [first = ''] = bundles.map(({ uuid }) => uuid);
  for (const prefix of ['', ...new Set([first.slice(0, 1), first.slice(0, 3)])]) {
    const whole = bundles.filter(({ uuid }) => uuid.startsWith(prefix)).map(nameOf);
    const parts: string[] = [];
    for (const digit of digits)
      parts.push(...(await listed(repository, source, `${prefix}${digit}`, signal)).map(nameOf));
    if (!isDeepStrictEqual(parts.sort(), whole.sort()))
      yield {
        where,
        what: `the parts of '${prefix}' have ${parts.length} bundles, and ${whole.length} begin so`,
        remedy: 'List exactly the bundles whose UUID begins with the prefix.',
      };
  }
}

async function* fetchFindings(repository: Repository, fqid: BundleFqid, signal: AbortSignal): AsyncGenerator<Finding> {
  const where = `fetchBundle of ${fqid.uuid}`;
  const outcome = await outcomeOf(() => repository.fetchBundle(fqid, maxBytes, signal));
  if (!('value' in outcome))
    return yield { where, what: `throws ${told(outcome.thrown)}`, remedy: 'Give every bundle that is listed.' };
  const { bytes, source } = outcome.value;
  if (!isDeepStrictEqual(source, fqid.source))
    yield {
      where,
      what: `says that it is of source ${source.id}, ${source.spec}`,
      remedy: 'Give the source as it is listed.',
    };
  if (!isJson(bytes)) yield { where, what: 'gives no JSON in UTF-8', remedy: 'Give the bytes of a JSON document.' };
  const whole = await outcomeOf(() => repository.fetchBundle(fqid, bytes.length, signal));
  if (!('value' in whole))
    yield { where, what: `refuses a bundle of as many bytes as it may have`, remedy: 'Give up to maxBytes.' };
  const code = codeOf(await outcomeOf(() => repository.fetchBundle(fqid, bytes.length - 1, signal)));
  if (code !== 'bundle_too_large')
    yield { where, what: `gives ${code} for a bundle of more than maxBytes`, remedy: 'Throw `bundle_too_large`.' };
}

async function* fileFindings(repository: Repository, signal: AbortSignal): AsyncGenerator<Finding> {
  const file = { uuid: noBundle, version: 'no such version', name: 'no such file', size: 1, drsUri: null };
  const outcome = await outcomeOf(async () => (await repository.locateFile?.(file, { subject: null }, signal)) ?? null);
  if ('value' in outcome && outcome.value === null) return;
  const what =
    'value' in outcome ? 'says where an unknown file is' : `throws ${told(outcome.thrown)} for an unknown file`;
  yield { where: 'locateFile', what, remedy: 'Give null.' };
}

function isJson(bytes: Uint8Array): boolean {
  try {
    wholeJson(jsonTextOf(bytes));
    return true;
  } catch {
    return false;
  }
}

async function* missingFindings(
  repository: Repository,
  source: SourceRef,
  known: BundleFqid | undefined,
  signal: AbortSignal,
): AsyncGenerator<Finding> {
  const version = known?.version ?? '2020-01-01T00:00:00.000000Z';
  const unknown: Readonly<Record<string, BundleFqid>> = {
    'an unknown bundle': { source, uuid: noBundle, version },
    'an unknown version': { source, uuid: known?.uuid ?? noBundle, version: 'no such version' },
    'a bundle of an unknown source': {
      ...{ source: { id: 'no such source', spec: 'none:' }, uuid: known?.uuid ?? noBundle },
      version,
    },
  };
  for (const [where, fqid] of Object.entries(unknown)) {
    const code = codeOf(await outcomeOf(() => repository.fetchBundle(fqid, maxBytes, signal)));
    if (code !== 'bundle_missing') yield { where, what: `gives ${code}`, remedy: 'Throw `bundle_missing`.' };
  }
}
