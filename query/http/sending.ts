import type { Readable } from 'node:stream';
import { attachment } from '../../core/exports/file-names.ts';
import type { Context } from '../../core/http/state.ts';
import type { ByteRange } from '../../core/model/file-bytes.ts';

/** A file as it is sent. */
export interface SentFile {
  readonly bytes: number;
  /** milliseconds since the epoch */
  readonly written: number;
  /** another one for other bytes; has neither blanks nor quotes */
  readonly tag: string;
  /** to save it under; safe */
  readonly name: string;
  readonly contentType: string;
  readonly read: (range: ByteRange) => Promise<Readable>;
}

/** Sends a file, or a part of it (RFC 9110, 14). */
export async function sendFile(
  ctx: Context,
  { bytes, written, name, contentType, read, ...file }: SentFile,
): Promise<void> {
  const tag = `"${file.tag}"`;
  // Ranges are of the bytes as they are.
  Object.assign(ctx, { compress: false });
  ctx.set({
    'Accept-Ranges': 'bytes',
    'Cache-Control': 'private, no-cache',
    'Content-Disposition': attachment(name),
    'Content-Type': contentType,
    ETag: tag,
    'Last-Modified': new Date(written).toUTCString(),
  });
  ctx.status = 200;
  if (has(ctx, tag)) {
    ctx.status = 304;
    return;
  }
  const range = rangeOf(ctx, tag, bytes);
  if (range === 'beyond') return refuseRange(ctx, bytes);
  if (range !== null) {
    ctx.status = 206;
    ctx.set('Content-Range', `bytes ${range.first}-${range.last}/${bytes}`);
  }
  const { first, last } = range ?? { first: 0, last: bytes - 1 };
  if (ctx.method !== 'HEAD') ctx.body = await read({ first, last });
  ctx.length = last - first + 1;
  ctx.set('Content-Type', contentType);
}

/** The tag identifies the bytes. */
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
  ctx.body = JSON.stringify({ Code: 'RangeNotSatisfiableError', Message: `The file has ${bytes} bytes.` });
}
