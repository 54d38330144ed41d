import type { Settings } from '../../core/config/settings.ts';
import type { BundleFqid } from '../../core/model/bundle.ts';
import type { Repository } from '../../core/model/repository.ts';
import { openRepository } from '../../plugins/registry.ts';

/** The repository of a catalog that the settings have. */
export async function repositoryOf(settings: Settings, name: string): Promise<Repository> {
  const catalog = settings.catalogs[name];
  if (catalog === undefined) throw new RangeError(`There is no catalog '${name}'`);
  return openRepository(catalog, settings);
}

/** Bundles of all sources that the repository lists whose uuid starts with the prefix. Who takes no more ends the listing. */
export async function* listedBundles(settings: Settings, catalog: string, prefix = ''): AsyncGenerator<BundleFqid> {
  const repository = await repositoryOf(settings, catalog);
  const done = new AbortController();
  try {
    const sources = await repository.listSources(done.signal);
    for (const source of sources) yield* repository.listBundles(source, prefix, done.signal);
  } finally {
    done.abort();
  }
}

/** Does things side by side, one of which asks a repository: its signal is aborted when they are done, or one has failed. */
export async function together<A, B>(
  ask: (signal: AbortSignal) => Promise<A>,
  other: () => Promise<B>,
): Promise<[A, B]> {
  const done = new AbortController();
  return Promise.all([ask(done.signal), other()]).finally(() => done.abort());
}
