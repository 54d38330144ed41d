import { type FormatType, formatTypes } from '../../core/exports/formats.ts';
import type { Context } from '../../core/http/state.ts';
import { sendFile } from '../http/sending.ts';
import type { Exports } from './exports.ts';
import { checkSigned, expired, type SignedUrl } from './links.ts';

/**
 * Sends a result, or a part of it.
 *
 * @throws LazuliError `forbidden`, `gone`, `unavailable`
 */
export async function sendObject(exports: Exports, ctx: Context, url: SignedUrl, signature: string): Promise<void> {
  checkSigned(exports, url, signature);
  const { object, name } = url;
  const found = await exports.objects.stat(object);
  if (found === null) throw expired();
  // The same key has the same bytes: the name of the object identifies them.
  await sendFile(ctx, {
    ...{ ...found, name, tag: object, contentType: contentTypeOf(object) },
    read: (range) => exports.objects.read(object, range),
  });
}

function contentTypeOf(object: string): string {
  const extension = object.slice(object.lastIndexOf('.') + 1);
  const files: readonly FormatType[] = Object.values(formatTypes);
  return files.find((file) => file.extension === extension)?.contentType ?? 'application/octet-stream';
}
