import { LazuliError } from '../../core/config/errors.ts';
import { baseUrl } from '../../core/http/base-url.ts';
import type { Context } from '../../core/http/state.ts';
import type { Identity } from '../../core/model/authentication.ts';
import type { AccessibleSources } from '../access.ts';
import type { Catalog } from '../catalogs.ts';
import type { QueryDeps, Searching } from '../deps.ts';
import { type FoundFile, findBundle, findFile, type WantedFile } from '../downloads/files.ts';
import { fileUrl } from '../downloads/links.ts';
import { type Located, locate } from '../downloads/locating.ts';
import { logDownload } from '../downloads/log.ts';
import { identityOf } from '../http/caller.ts';
import { bundleObject, fileObject, type Naming } from './objects.ts';
import type { DrsObject } from './schemas.ts';

export type DrsDeps = Pick<QueryDeps, 'catalogs' | 'identify' | 'engine' | 'serving' | 'links'>;

/** A file that this deployment serves, and how. */
interface ServedFile {
  readonly catalog: Catalog;
  readonly file: FoundFile;
  readonly located: NonNullable<Located>;
}

/**
 * A file or a bundle as a DRS object.
 *
 * @throws LazuliError `not_found` where there is none that the caller may see, `unauthorized`, `payload_too_large`, `unavailable`
 */
export async function objectOf(
  deps: DrsDeps,
  ctx: Context,
  visible: readonly VisibleCatalog[],
  wanted: WantedFile,
): Promise<DrsObject> {
  const naming: Naming = { host: new URL(baseUrl(ctx)).host, version: wanted.version };
  const searching = { ...deps, signal: ctx.state.signal };
  const served = await servedFile(searching, visible, wanted);
  const object = served === null ? await bundleIn(searching, visible, wanted, naming) : asObject(served, naming);
  if (object !== null) return object;
  throw missing(wanted);
}

/** Where the bytes of a file are, or after how many seconds to ask again. @throws as `objectOf` */
export async function accessTo(
  deps: DrsDeps,
  ctx: Context,
  wanted: WantedFile,
): Promise<{ readonly url: string } | { readonly seconds: number }> {
  const searching = { ...deps, signal: ctx.state.signal };
  const served = await servedFile(searching, await servingCatalogs(deps, ctx), wanted);
  if (served === null) throw missing(wanted);
  const { catalog, file, located } = served;
  if (located.kind === 'later') return { seconds: located.seconds };
  logDownload(ctx, catalog, file, 'drs');
  if (located.kind === 'url') return { url: located.url };
  return { url: fileUrl(await deps.links(), baseUrl(ctx), { catalog: catalog.name, file, saveAs: file.name }) };
}

/** A catalog of which this deployment serves files, with what the caller may see of it. */
export interface VisibleCatalog {
  readonly catalog: Catalog;
  readonly sources: AccessibleSources;
  readonly identity: Identity;
}

/** @throws LazuliError `unauthorized`, `unavailable` */
export async function servingCatalogs(
  { catalogs, identify }: DrsDeps,
  ctx: Context,
): Promise<readonly VisibleCatalog[]> {
  const identity = await identityOf(ctx, identify);
  const serving = [...catalogs.byName.values()].filter(({ repository }) => repository.locateFile !== undefined);
  return Promise.all(
    serving.map(async (catalog) => ({ catalog, identity, sources: await catalog.callers.of(identity) })),
  );
}

/** Files that only another DRS server has are that one's to describe. */
async function servedFile(
  searching: Searching,
  visible: readonly VisibleCatalog[],
  wanted: WantedFile,
): Promise<ServedFile | null> {
  for (const { catalog, sources, identity } of visible) {
    const file = await unlessMissing(findFile(searching, catalog, sources, wanted));
    const located = file === null ? null : await locate(catalog, { ...file, drsUri: null }, { identity, drs: {} });
    if (file !== null && located !== null) return { catalog, file, located };
  }
  return null;
}

const asObject = ({ file, located }: ServedFile, naming: Naming): DrsObject | null =>
  fileObject(file, located.kind === 'own' ? located.file.written : null, naming);

async function bundleIn(
  searching: Searching,
  visible: readonly VisibleCatalog[],
  { uuid, version }: WantedFile,
  naming: Naming,
): Promise<DrsObject | null> {
  for (const { catalog, sources } of visible) {
    const bundle = await unlessMissing(findBundle(searching, catalog, sources, uuid));
    if (bundle === null || (version !== undefined && version !== bundle.version)) continue;
    if (bundle.isCut)
      throw new LazuliError('payload_too_large', `Bundle ${uuid} has too many files to be listed.`, {
        remedy: 'Ask for a manifest of it.',
      });
    return bundleObject(uuid, bundle, naming);
  }
  return null;
}

/** A catalog without an index yet has no files. */
const unlessMissing = <T>(work: Promise<T | null>): Promise<T | null> =>
  work.catch((error: unknown) => {
    if (error instanceof LazuliError && error.code === 'not_found') return null;
    throw error;
  });

function missing({ uuid, version }: WantedFile): LazuliError {
  const which = version === undefined ? '' : `, version '${version.slice(0, 128)}',`;
  return new LazuliError('not_found', `There is no DRS object '${uuid.slice(0, 128)}'${which} here.`);
}
