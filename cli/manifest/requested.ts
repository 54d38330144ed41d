import { z } from 'zod';
import { fetchAnswer, pathOf, progressHeader, shownIn } from '../../query/manifests/answers.ts';
import { asked, type Service } from './service.ts';

/** What is asked for. */
export interface Wanted {
  readonly catalog: string;
  readonly format: string;
  /** JSON */
  readonly filters: string;
}

/** How far the service is with it. */
export interface Progress {
  readonly percent: number;
  /** documents that are written */
  readonly rows: number;
  readonly bytes: number;
}

/** A manifest that is there. */
export interface Ready {
  /** by which anybody can have it, for an hour or more */
  readonly url: string;
  /** records in it; null where the service doesn't say */
  readonly rows: number | null;
}

/** Where it refers to is asked next. */
const answer = fetchAnswer.extend({ Location: z.url({ protocol: /^https?$/ }) });

const catalogs = z.looseObject({ default_catalog: z.string() });

/** The catalog that a service has where nobody names one. @throws LazuliError */
export async function defaultCatalog(service: Service): Promise<string> {
  const { body } = await asked(service, { url: `${service.url}/index/catalogs`, isKnown: false }, catalogs);
  return body.default_catalog;
}

/**
 * Has a manifest made, and waits until it is there.
 *
 * @throws LazuliError that says why it can't be had
 */
export async function untilReady(
  service: Service,
  wanted: Wanted,
  onProgress: (progress: Progress) => void,
): Promise<Ready> {
  const { url, clock, signal } = service;
  // In the body no filter is too long, and no proxy keeps it in its log.
  let request: Parameters<typeof asked>[1] = {
    url: url + pathOf('fetch'),
    method: 'PUT',
    body: wanted,
    isKnown: false,
  };
  for (;;) {
    const { headers, body } = await asked(service, request, answer);
    if (body.Status === 302) return { url: body.Location, rows: shownIn(headers.get(progressHeader))?.rows ?? null };
    if (body.Progress !== undefined) onProgress(body.Progress);
    await clock.sleep((body['Retry-After'] ?? 1) * 1000, signal);
    request = { url: body.Location, isKnown: true };
  }
}
