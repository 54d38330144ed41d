import type { ManifestKey } from './request.ts';

/** What file systems and command lines take, on any system. */
const forbidden = /[\p{C}\p{Zl}\p{Zp}<>:"/\\|?*]/gu;
const maxBytes = 200;

/** A name that any system takes for a file: nothing in it acts on a shell, a path or a header. Never empty. */
export function safeFileName(name: string): string {
  const plain = name
    .normalize('NFC')
    .toWellFormed()
    .replace(forbidden, '_')
    .replace(/^[.\s-]+|[.\s]+$/g, '');
  return plain === '' ? 'manifest' : shortened(plain);
}

/** The end stays, as it says what the file is. */
function shortened(name: string): string {
  const dot = name.lastIndexOf('.');
  const end = dot > name.length - 20 ? name.slice(dot) : '';
  let start = '';
  let left = maxBytes - Buffer.byteLength(end);
  for (const char of name) {
    left -= Buffer.byteLength(char);
    if (left < 0) return start + end;
    start += char;
  }
  return name;
}

/** The name of an export that has none of its own (specification, manifests 2.5). */
export function genericName(atlas: string, { hash }: ManifestKey, extension: string): string {
  const bytes = Buffer.from(hash, 'base64url');
  return safeFileName(`${atlas}-manifest-${uuid(bytes.subarray(0, 16))}.${uuid(bytes.subarray(16))}.${extension}`);
}

const uuid = (bytes: Buffer): string =>
  bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

/** `Content-Disposition` of a file that is to be saved under a safe name (RFC 6266; RFC 8187 beyond ASCII). */
export function attachment(name: string): string {
  const ascii = name.replace(/[^\x20-\x7e]/g, '_');
  const plain = `attachment; filename="${ascii}"`;
  return ascii === name ? plain : `${plain}; filename*=UTF-8''${extended(name)}`;
}

/** The name that such a header says, made safe, whoever sent it; null where it says none. */
export function attachedName(disposition: string): string | null {
  const [, encoded] = /;\s*filename\*=UTF-8''([^;\s]+)/i.exec(disposition) ?? [];
  const [, plain] = /;\s*filename="([^"]*)"/i.exec(disposition) ?? [];
  const name = (encoded === undefined ? null : decoded(encoded)) ?? plain ?? null;
  return name === null ? null : safeFileName(name);
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

const extended = (text: string): string =>
  encodeURIComponent(text).replace(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
