import {
  type Answer,
  type Asked,
  answered,
  illegal,
  notFound,
  Problem,
  replicaOf,
  versionAt,
  versionOf,
} from './answers.ts';
import { type Bundles, uuidOf } from './bundles.ts';
import type { Checkouts } from './checkouts.ts';
import { type BundleFile, blobKey } from './documents.ts';
import { movedTo } from './files.ts';
import { type DssStorage, printPlace } from './storage.ts';

export interface PageParts {
  readonly bundles: Bundles;
  readonly checkouts: Checkouts;
  readonly storage: DssStorage;
  readonly checkout: string;
  /** the store gives no more at a time, whatever is asked for */
  readonly mostPerPage: number;
  readonly now: () => number;
}

/** Answers that come in pages (specification, dss 2.1). */
export class BundlePages {
  readonly #parts: PageParts;
  /** checkouts of bundles that URLs were asked for, by bundle */
  readonly #jobs = new Map<string, string>();

  constructor(parts: PageParts) {
    this.#parts = parts;
  }

  async list(asked: Asked): Promise<Answer> {
    replicaOf(asked);
    const { searchParams } = asked.url;
    const prefix = (searchParams.get('prefix') ?? '').toLowerCase();
    const size = this.#perPage(asked, 100);
    const after = searchParams.get('search_after') ?? '';
    const keyOf = ({ uuid, version }: { uuid: string; version: string }) => `bundles/${uuid}.${version}`;
    const page = (await this.#parts.bundles.living(prefix)).filter((name) => keyOf(name) > after).slice(0, size);
    const last = page.at(-1);
    const body = {
      ...{ dss_api: asked.url.origin, object: 'list', search_prefix: `bundles/${prefix}` },
      ...{ event_timestamp: versionAt(this.#parts.now()), per_page: size, page_count: page.length, bundles: page },
    };
    if (page.length < size || last === undefined)
      return answered(200, { ...body, has_more: false }, pages('bundles', null));
    const link = next(asked, { search_after: keyOf(last), token: 'more' });
    const more = { has_more: true, link, token: 'more', search_after: keyOf(last) };
    return answered(206, { ...body, ...more }, pages('bundles', `<${link}>; rel="next"`));
  }

  async get(asked: Asked): Promise<Answer> {
    replicaOf(asked);
    const { searchParams } = asked.url;
    const [direct, signed] = [isSet(searchParams.get('directurls')), isSet(searchParams.get('presignedurls'))];
    if (direct && signed) throw new Problem(400, 'only_one_urltype');
    const { name, document } = await this.#parts.bundles.find(uuidOf(asked), versionOf(asked));
    const moved =
      direct || signed ? await this.#checkedOut(asked, `${name.uuid}.${name.version}`, document.files) : null;
    if (moved !== null) return moved;
    const from = Number(searchParams.get('start_at') ?? 0);
    const size = this.#perPage(asked, 500);
    const files: unknown[] = [];
    for (const file of document.files.slice(from, from + size))
      files.push(await this.#shown(`${name.uuid}.${name.version}`, file, direct ? 'direct' : signed ? 'signed' : null));
    const body = { bundle: { ...name, creator_uid: document.creator_uid, files } };
    if (from + size >= document.files.length) return answered(200, body, pages('bundle.files', null));
    const link = next(asked, { start_at: String(from + size), version: name.version });
    // The original writes single quotes here.
    return answered(206, body, pages('bundle.files', `<${link}>; rel='next'`));
  }

  async checkOut(asked: Asked): Promise<Answer> {
    replicaOf(asked);
    const { destination } = (asked.body ?? {}) as { readonly destination?: string };
    if (destination?.includes('/')) throw illegal('The destination is no bucket');
    const { name, document } = await this.#parts.bundles.find(uuidOf(asked), versionOf(asked));
    const id = await this.#parts.checkouts.bundle(`${name.uuid}.${name.version}`, document.files, destination);
    return answered(200, { checkout_job_id: id });
  }

  checkoutState(asked: Asked): Answer {
    replicaOf(asked);
    const state = this.#parts.checkouts.state(asked.parts.id ?? '');
    if (state === null) throw notFound('Cannot find checkout!');
    return answered(200, state);
  }

  #perPage({ url }: Asked, usual: number): number {
    const given = url.searchParams.get('per_page') ?? String(usual);
    if (!/^\d+$/.test(given) || Number(given) < 10 || Number(given) > 500) throw illegal(`per_page is ${given}`);
    return Math.min(Number(given), this.#parts.mostPerPage);
  }

  /** @returns null once the bundle is there */
  async #checkedOut(asked: Asked, name: string, files: readonly BundleFile[]): Promise<Answer | null> {
    const { checkouts } = this.#parts;
    const job = this.#jobs.get(name) ?? (await checkouts.bundle(name, files, undefined));
    this.#jobs.set(name, job);
    const state = checkouts.state(job) as { readonly status: string };
    return state.status === 'SUCCEEDED' ? null : movedTo(asked, { token: job }, 1);
  }

  async #shown(bundle: string, file: BundleFile, urls: 'direct' | 'signed' | null): Promise<object> {
    const { 's3-etag': s3_etag, ...facts } = file;
    const shown = { ...facts, s3_etag };
    if (urls === null) return shown;
    const direct = { bucket: this.#parts.checkout, key: blobKey(file) };
    if (urls === 'direct') return { ...shown, url: printPlace(direct) };
    const place = { bucket: this.#parts.checkout, key: `bundles/${bundle}/${file.name}` };
    return { ...shown, url: await this.#parts.storage.signed(place, null) };
  }
}

const isSet = (flag: string | null): boolean => flag !== null && flag.toLowerCase() !== 'false';

/** @param link to what follows */
export const pages = (member: string, link: string | null) => ({
  'X-OpenAPI-Pagination': String(link !== null),
  'X-OpenAPI-Paginated-Content-Key': member,
  ...(link === null ? {} : { Link: link }),
});

/** The URL of what follows: the same parameters, and where to go on. */
export function next({ url }: Asked, more: Readonly<Record<string, string>>): string {
  const link = new URL(url);
  for (const [name, value] of Object.entries(more)) link.searchParams.set(name, value);
  return link.href;
}
