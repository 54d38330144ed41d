import { z } from 'zod';
import { baseUrl } from '../../core/http/base-url.ts';
import type { Context } from '../../core/http/state.ts';

/** Plain answers redirect; those of `fetch` say in their body where to, for scripts of browsers. */
export type Variant = 'plain' | 'fetch';

/** The path of requests for data files, whose UUID comes after a slash. */
export const pathOf = (variant: Variant): string => `${variant === 'fetch' ? '/fetch' : ''}/repository/files`;

/** A URL by which a file can be asked for. */
export const requestUrl = (ctx: Context, variant: Variant, uuid: string, query: URLSearchParams): string =>
  `${baseUrl(ctx)}${pathOf(variant)}/${encodeURIComponent(uuid)}?${query}`;

/** Body of what is answered to scripts. */
export const fetchAnswer = z
  .object({
    Status: z.union([z.literal(206), z.literal(301), z.literal(302)]).meta({
      description:
        '206: the caller has all of the file. 301: ask again at the location, after a while. 302: the file is there.',
    }),
    Location: z.string().optional(),
    'Retry-After': z.int().optional().meta({ description: 'Seconds to wait.' }),
    'Content-Length': z.literal(0).optional(),
  })
  .meta({ id: 'FileRedirect' });

/** The file is at a URL. */
export function answerReady(ctx: Context, variant: Variant, location: string): void {
  answer(ctx, variant, { Status: 302, Location: location });
}

/** It is being made ready. @param seconds to wait; 0: at once */
export function answerLater(ctx: Context, variant: Variant, location: string, seconds: number): void {
  answer(ctx, variant, { Status: 301, ...(seconds > 0 && { 'Retry-After': seconds }), Location: location });
}

/** Nothing of it is missing. */
export function answerNothing(ctx: Context, variant: Variant): void {
  answer(ctx, variant, { Status: 206, 'Content-Length': 0 });
}

function answer(ctx: Context, variant: Variant, told: z.output<typeof fetchAnswer>): void {
  if (variant === 'fetch') {
    ctx.body = told;
    return;
  }
  const { Status, ...headers } = told;
  ctx.status = Status;
  ctx.body = '';
  for (const [name, value] of Object.entries(headers)) ctx.set(name, String(value));
}
