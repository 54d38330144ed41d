import { createHash } from 'node:crypto';
import { LazuliError } from '../../../core/config/errors.ts';
import { parseSourceSpec, type SourceRef } from '../../../core/config/sources.ts';

/** A data store as a source of bundles. */
export interface StoreSource {
  readonly ref: SourceRef;
  /** of the store's API, without a slash at the end */
  readonly url: string;
  /** how the uuids of its bundles begin: others of the store are not the source's */
  readonly common: string;
}

/** By which the established system names sources (specification, repository-plugins 1). */
const namespace = '6925391e-6519-41d9-879f-c6307eb83c1c';
const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** @throws LazuliError `configuration_invalid` */
export function parseStoreSpec(spec: string): StoreSource {
  const { name, prefix } = parseSourceSpec(spec);
  const url = requireStoreUrl(name);
  return { ref: { id: uuid5(namespace, name), spec }, url, common: prefix?.common ?? '' };
}

/** Of a store's API, without a slash at the end. @throws LazuliError `configuration_invalid` */
export function requireStoreUrl(text: string): string {
  const url = URL.parse(text);
  const isPlain = url?.username === '' && url.password === '' && url.search === '' && url.hash === '';
  if (url !== null && isPlain && isSafe(url)) return url.href.replace(/\/+$/, '');
  throw new LazuliError('configuration_invalid', `'${shown(text)}' is no URL of a data store`, {
    remedy: 'Write it as https://host/v1; http is for stores on this machine. It has no credentials and no parameters.',
  });
}

const shown = (text: string): string => text.replace(/\/\/[^/]*@/, '//…@');

/** Whether nobody on the way can read or change what is sent: to this machine nothing is on the way. */
export const isSafe = (url: URL): boolean => url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url));

export const isLoopback = ({ hostname }: URL): boolean => loopback.test(hostname);

/** A UUID of a name (RFC 9562, 5.5). */
function uuid5(space: string, name: string): string {
  const bytes = createHash('sha1')
    .update(Buffer.from(space.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest()
    .subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
