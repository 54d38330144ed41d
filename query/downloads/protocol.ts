import { LazuliError } from '../../core/config/errors.ts';
import { baseUrl } from '../../core/http/base-url.ts';
import type { Context } from '../../core/http/state.ts';
import type { Identity } from '../../core/model/authentication.ts';
import type { DataFile } from '../../core/model/repository.ts';
import { type Catalog, catalogNamed } from '../catalogs.ts';
import type { QueryDeps } from '../deps.ts';
import { identityOf } from '../http/caller.ts';
import { holdBack, holdMillis } from '../http/holding.ts';
import { sendFile } from '../http/sending.ts';
import { answerLater, answerNothing, answerReady, requestUrl, type Variant } from './answers.ts';
import { findFile, findRelated } from './files.ts';
import { answersBefore, claimsOf, fileUrl, type Links, waitingToken } from './links.ts';
import { locate, ownBytes } from './locating.ts';
import { logDownload } from './log.ts';
import { isBeyondEnd } from './ranges.ts';
import { checkVersion } from './versions.ts';

type Deps = Pick<QueryDeps, 'catalogs' | 'identify' | 'engine' | 'serving' | 'links'>;

/** A request for a file. */
export interface DownloadRequest {
  readonly variant: Variant;
  readonly uuid: string;
  readonly catalog: string | undefined;
  readonly version: string | undefined;
  /** to save it under */
  readonly fileName: string | undefined;
  /** the service lets the caller wait */
  readonly waits: boolean;
  /** 1 or more where a list for curl names a related file, or there were answers before */
  readonly requestIndex: number;
  /** says that there were answers before */
  readonly token: string | undefined;
}

interface AskedOf {
  readonly catalog: Catalog;
  readonly identity: Identity;
  readonly asked: DownloadRequest;
}

/**
 * Says where a data file is (specification, service-api 11). Whatever a request says, the file is looked up each time,
 * among those that the caller may see.
 *
 * @throws LazuliError `bad_request`, `not_found`, `unauthorized`, `forbidden`, `too_many_requests`, `unavailable`,
 *   `download_failed`
 */
export async function answerDownload(deps: Deps, ctx: Context, asked: DownloadRequest): Promise<void> {
  const { variant, fileName } = asked;
  const catalog = catalogNamed(deps.catalogs, asked.catalog);
  checkVersion(catalog, asked.version);
  const links = await deps.links();
  const index = asked.token === undefined ? 0 : answersBefore(links, asked.token, placeOf(catalog, asked));
  const identity = await identityOf(ctx, deps.identify);
  const file = await fileFor(deps, ctx, { catalog, identity, asked });
  if (isBeyondEnd(ctx.get('Range'), file.size)) return answerNothing(ctx, variant);
  const { signal } = ctx.state;
  const drs = { authorization: ctx.headers.authorization, signal };
  const located = await locate(catalog, file, { identity, drs });
  if (located === null) throw notAvailable(catalog, file);
  if (located.kind === 'later') {
    const seconds = Math.min(located.seconds, Math.floor(1.3 ** Math.min(index, 100)));
    const left = asked.waits ? await waited(links, seconds, signal) : seconds;
    return answerLater(ctx, variant, againAt(links, ctx, catalog, { asked, file, index: index + 1 }), left);
  }
  logDownload(ctx, catalog, file, variant);
  const own = () => fileUrl(links, baseUrl(ctx), { catalog: catalog.name, file, saveAs: fileName ?? file.name });
  answerReady(ctx, variant, located.kind === 'own' ? own() : located.url);
}

/**
 * Sends a file by the URL that was signed for it.
 *
 * @throws LazuliError `forbidden`, `gone`, `not_found`, `unavailable`
 */
export async function sendDataFile(deps: Deps, ctx: Context, token: string): Promise<void> {
  const { catalog: name, saveAs, uuid, version, size, ...claims } = claimsOf(await deps.links(), token);
  const catalog = catalogNamed(deps.catalogs, name);
  const file = await ownBytes(catalog, { uuid, version, size, name: claims.name, drsUri: null });
  const { bytes, written, tag } = file;
  const read: typeof file.read = (range) => file.read(range);
  await sendFile(ctx, { bytes, written, tag, read, name: saveAs, contentType: 'application/octet-stream' });
}

const placeOf = ({ name }: Catalog, { uuid, version = '' }: DownloadRequest) => ({ catalog: name, uuid, version });

async function fileFor(deps: Deps, ctx: Context, { catalog, identity, asked }: AskedOf): Promise<DataFile> {
  const { uuid, version, fileName, requestIndex } = asked;
  const sources = await catalog.callers.of(identity);
  const searching = { ...deps, signal: ctx.state.signal };
  const found = await findFile(searching, catalog, sources, { uuid, version });
  if (found !== null) return found;
  if (requestIndex > 0 && version !== undefined && fileName !== undefined) {
    const related = await findRelated(searching, catalog, sources, { uuid, version, name: fileName });
    if (related !== null) return related;
  }
  const shown = version === undefined ? 'None' : `'${version.slice(0, 128)}'`;
  const message = `Unable to find file '${uuid.slice(0, 128)}', version ${shown} in catalog '${catalog.name}'`;
  throw new LazuliError('not_found', message);
}

function notAvailable({ name }: Catalog, { uuid, version }: DataFile): LazuliError {
  const what = `File '${uuid}' with version '${version}' was found in catalog '${name}'`;
  return new LazuliError('not_found', `${what}, however no download is currently available`);
}

/** @returns seconds that are left to wait @throws as `holdBack` */
async function waited({ clock }: Links, seconds: number, signal: AbortSignal): Promise<number> {
  const own = Math.min(seconds, holdMillis / 1000);
  await holdBack(signal, () => clock.sleep(own * 1000, signal));
  return seconds - own;
}

function againAt(
  links: Links,
  ctx: Context,
  { name }: Catalog,
  { asked, file, index }: { readonly asked: DownloadRequest; readonly file: DataFile; readonly index: number },
): string {
  const { uuid, version } = file;
  const query = new URLSearchParams({
    catalog: name,
    version,
    ...(asked.fileName === undefined ? {} : { fileName: asked.fileName }),
    ...(asked.waits ? { wait: '1' } : {}),
    requestIndex: String(index),
    token: waitingToken(links, { catalog: name, uuid, version, index }),
  });
  return requestUrl(ctx, asked.variant, uuid, query);
}
