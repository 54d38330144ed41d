import type { Identity } from '../../core/model/authentication.ts';
import type { BundleFqid } from '../../core/model/bundle.ts';
import type { DataFile, Repository } from '../../core/model/repository.ts';
import { type Finding, outcomeOf, told } from './finding.ts';
import { listed } from './listed.ts';

const maxBytes = 256 * 2 ** 20;
const anonymous: Identity = { subject: null };
const someFile: DataFile = { uuid: 'none', version: 'none', name: 'none', size: 1, drsUri: null };

/** Whoever waits no more: by this very error it is seen whether the signal was heard. */
class NobodyWaits extends Error {}

/** What is wrong with what a repository does when nobody waits any more: it has to end with the signal's reason. */
export async function* abortFindings(repository: Repository, some: BundleFqid): AsyncGenerator<Finding> {
  const asked: Readonly<Record<string, (signal: AbortSignal) => Promise<unknown>>> = {
    listSources: (signal) => repository.listSources(signal),
    listBundles: (signal) => listed(repository, some.source, '', signal),
    fetchBundle: (signal) => repository.fetchBundle(some, maxBytes, signal),
    accessibleSources: (signal) => repository.accessibleSources(anonymous, signal),
    ...(repository.listPortals === undefined
      ? {}
      : { listPortals: async (signal: AbortSignal) => repository.listPortals?.(signal) }),
    ...(repository.locateFile === undefined
      ? {}
      : { locateFile: async (signal: AbortSignal) => repository.locateFile?.(someFile, anonymous, signal) }),
  };
  for (const [where, ask] of Object.entries(asked)) {
    yield* ended(`${where}, begun when nobody waits`, ask, AbortSignal.abort(new NobodyWaits()));
    const leaving = new AbortController();
    const begun = outcomeOf(() => ask(leaving.signal));
    leaving.abort(new NobodyWaits());
    const outcome = await begun;
    if ('thrown' in outcome && !(outcome.thrown instanceof NobodyWaits))
      yield finding(`${where}, left`, told(outcome.thrown));
  }
  yield* leftList(repository, some);
}

async function* ended(
  where: string,
  ask: (signal: AbortSignal) => Promise<unknown>,
  signal: AbortSignal,
): AsyncGenerator<Finding> {
  const outcome = await outcomeOf(() => ask(signal));
  if ('value' in outcome) yield finding(where, 'an answer');
  else if (!(outcome.thrown instanceof NobodyWaits)) yield finding(where, told(outcome.thrown));
}

/** Between two bundles, and after the last one, too. */
async function* leftList(repository: Repository, { source }: BundleFqid): AsyncGenerator<Finding> {
  const leaving = new AbortController();
  let after = 0;
  const outcome = await outcomeOf(async () => {
    for await (const _ of repository.listBundles(source, '', leaving.signal)) {
      if (leaving.signal.aborted) after++;
      leaving.abort(new NobodyWaits());
    }
  });
  const where = 'listBundles, left at its first bundle';
  if (after > 0) yield finding(where, `${after} more bundles`);
  if ('thrown' in outcome && !(outcome.thrown instanceof NobodyWaits)) yield finding(where, told(outcome.thrown));
}

const finding = (where: string, what: string): Finding => ({
  ...{ where, what: `gives ${what}` },
  remedy: 'Pass the signal on to every request, and reject with its reason.',
});
