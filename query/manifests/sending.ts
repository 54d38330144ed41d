import { attachment } from '../../core/exports/file-names.ts';
import { type FormatType, formatTypes } from '../../core/exports/formats.ts';
import type { ByteRange } from '../../core/exports/objects.ts';
import type { Context } from '../../core/http/state.ts';
import type { Exports } from './exports.ts';
import { checkSigned, expired, type SignedUrl } from './links.ts';

/**
 * Sends a result, or a part of it (RFC 9110, 14).
 *
 * @throws LazuliError `forbidden`, `gone`, `unavailable`
 */
export async function sendObject(exports: Exports, ctx: Context, url: SignedUrl, signature: string): Promise<void> {
  checkSigned(exports, url, signature);
  const found = await exports.objects.stat(url.object);
  if (found === null) throw expired();
  const tag = `"${url.object}"`;
  // Ranges are of the bytes as they are.
  Object.assign(ctx, { compress: false });
  ctx.set({
    'Accept-Ranges': 'bytes',
    'Cache-Control': 'private, no-cache',
    'Content-Disposition': attachment(url.name),
    'Content-Type': contentTypeOf(url.object),
    ETag: tag,
    'Last-Modified': new Date(found.written).toUTCString(),
  });
  ctx.status = 200;
  if (has(ctx, tag)) {
    ctx.status = 304;
    return;
  }
  const range = rangeOf(ctx, tag, found.bytes);
  if (range === 'beyond') return refuseRange(ctx, found.bytes);
  if (range !== null) {
    ctx.status = 206;
    ctx.set('Content-Range', `bytes ${range.first}-${range.last}/${found.bytes}`);
  }
  const { first, last } = range ?? { first: 0, last: found.bytes - 1 };
  if (ctx.method !== 'HEAD') ctx.body = await exports.objects.read(url.object, { first, last });
  ctx.length = last - first + 1;
  ctx.set('Content-Type', contentTypeOf(url.object));
}

/** The same key has the same bytes: the name of the object identifies them. */
function has(ctx: Context, tag: string): boolean {
  const known = ctx.get('If-None-Match');
  return known.trim() === '*' || known.split(',').some((one) => one.trim().replace(/^W\//, '') === tag);
}

/**
 * The part that is asked for. What is no single range, or is of another version, is ignored.
 *
 * @returns null: all of it; `beyond`: there is no such part
 */
function rangeOf(ctx: Context, tag: string, bytes: number): ByteRange | 'beyond' | null {
  const [, from = '', to = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(ctx.get('Range').trim()) ?? [];
  const condition = ctx.get('If-Range').trim();
  if ((from === '' && to === '') || (condition !== '' && condition !== tag)) return null;
  if (from === '')
    return to === '0' || bytes === 0 ? 'beyond' : { first: Math.max(0, bytes - Number(to)), last: bytes - 1 };
  const [first, last] = [Number(from), Math.min(to === '' ? bytes : Number(to), bytes - 1)];
  if (to !== '' && Number(to) < first) return null;
  return first >= bytes ? 'beyond' : { first, last };
}

function refuseRange(ctx: Context, bytes: number): void {
  ctx.status = 416;
  ctx.set({ 'Content-Range': `bytes */${bytes}`, 'Content-Type': 'application/json; charset=utf-8' });
  ctx.remove('Content-Disposition');
  ctx.body = JSON.stringify({ Code: 'RangeNotSatisfiableError', Message: `The manifest has ${bytes} bytes.` });
}

function contentTypeOf(object: string): string {
  const extension = object.slice(object.lastIndexOf('.') + 1);
  const files: readonly FormatType[] = Object.values(formatTypes);
  return files.find((file) => file.extension === extension)?.contentType ?? 'application/octet-stream';
}
