import { createHash } from 'node:crypto';
import { importPKCS8, SignJWT } from 'jose';
import { severalAtATime } from '../../../core/runtime/several.ts';
import { type Account, audience } from './accounts.ts';
import type { BundleName } from './bundles.ts';
import type { Dss } from './dss.ts';

/** A file to be put, with its content. */
export interface DepositedFile {
  readonly name: string;
  readonly uuid: string;
  readonly version: string;
  readonly type: string;
  readonly indexed: boolean;
  readonly content: Uint8Array;
}

/** A request in the name of an account. @returns status and body, whatever they are */
export async function call(dss: Dss, account: Account | null, method: string, path: string, body?: object) {
  const headers = {
    ...(account === null ? {} : { Authorization: `Bearer ${await tokenOf(account, dss.clock.skew)}` }),
    ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
  };
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const answer = await fetch(`${dss.url}${path}`, { method, headers, redirect: 'manual', ...sent });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: text === '' ? null : JSON.parse(text) };
}

/** @param more claims beside, or in place of, the usual ones */
export async function tokenOf(
  { email, keyId, keys }: Account,
  skew = 0,
  more: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const key = await importPKCS8(keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 'RS256');
  const seconds = Math.floor((Date.now() + skew) / 1000);
  const claims = {
    ...{ iss: email, sub: email, aud: audience, email, iat: seconds, exp: seconds + 3600 },
    'https://auth.data.humancellatlas.org/group': 'hca',
  };
  return new SignJWT({ ...claims, ...more }).setProtectedHeader({ alg: 'RS256', kid: keyId }).sign(key);
}

/** Puts files and a bundle of them, as a submitter does. @throws Error where the store refuses one */
export async function deposit(
  dss: Dss,
  account: Account,
  name: BundleName,
  files: readonly DepositedFile[],
): Promise<void> {
  await severalAtATime(8, files, (file) => depositFile(dss, account, file));
  const body = {
    creator_uid: 0,
    files: files.map(({ name, uuid, version, indexed }) => ({ name, uuid, version, indexed })),
  };
  await succeed(call(dss, account, 'PUT', `/bundles/${name.uuid}?replica=aws&version=${name.version}`, body));
}

async function depositFile(dss: Dss, account: Account, { uuid, version, type, content }: DepositedFile): Promise<void> {
  const place = { bucket: dss.staging, key: `${uuid}/${version}` };
  await dss.storage.put(place, content, type, marksOf(content));
  const body = { source_url: `s3://${place.bucket}/${place.key}`, creator_uid: 0 };
  await succeed(call(dss, account, 'PUT', `/files/${uuid}?version=${version}`, body));
}

async function succeed(answer: ReturnType<typeof call>): Promise<void> {
  const { status, body } = await answer;
  if (status > 202) throw new Error(`${status}: ${JSON.stringify(body)}`);
}

/** Sums of a content, as tags of its object (specification, dss 1.2). */
export function marksOf(content: Uint8Array): Record<string, string> {
  const sum = (algorithm: string) => createHash(algorithm).update(content).digest('hex');
  const [sha256, sha1, etag] = ['sha256', 'sha1', 'md5'].map(sum);
  const marks = { sha256, sha1, s3_etag: etag, crc32c: crc32c(content) };
  return Object.fromEntries(Object.entries(marks).map(([name, value]) => [`hca-dss-${name}`, value ?? '']));
}

/** CRC-32 of Castagnoli (RFC 3720, B.4). */
function crc32c(content: Uint8Array): string {
  let crc = 0xffffffff;
  for (const byte of content) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return ((crc ^ 0xffffffff) >>> 0).toString(16).padStart(8, '0');
}
