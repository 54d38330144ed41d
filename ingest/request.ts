import { isCatalogName } from '../core/config/catalogs.ts';
import { LazuliError } from '../core/config/errors.ts';
import { maxVersion, uuidPattern } from '../core/config/identities.ts';
import { NameTwice, requireUniqueNames } from '../core/config/json-members.ts';
import { halfPair, hasHalfPair, jsonTextOf, textOf } from '../core/config/text.ts';
import { type Action, actions } from '../core/staged/layout.ts';
import { encodeNotification, type NotificationRecord } from './notification.ts';
import type { BundleVersion } from './undeletions.ts';

/** What a record of the stream can hold, less the partition key. */
const maxRecordBytes = 1_048_576 - 1024;

/**
 * A notification as it was posted, checked in the order of the specification (indexing 4.1), as the
 * record to be put, but for its number. Whether the catalog exists and the source makes sense is the consumer's business.
 *
 * @throws LazuliError `bad_request`
 */
export function parseRequest(catalog: string, action: string, body: Uint8Array): NotificationRecord {
  if (!isCatalogName(catalog)) throw bad(`Catalog name is invalid: ${catalog}`);
  if (!isAction(action)) throw bad(`Unknown action: ${action} (should be one of ${actions.join(', ')})`);
  const notification = parseBody(body);
  const fqid = entry(notification, 'bundle_fqid', 'bundle_fqid');
  if (!isObject(fqid)) throw bad(`Invalid type: bundle_fqid: ${typeName(fqid)} (should be object)`);
  const uuid = entry(fqid, 'uuid', 'bundle_fqid.uuid');
  const version = entry(fqid, 'version', 'bundle_fqid.version');
  const bundle = { uuid: checkUuid(text('uuid', uuid), text('version', version)), version: String(version) };
  // `partition` told workers of the established system which part of a bundle to index
  const { partition: _, ...rest } = notification;
  return { action, catalog, number: 0, notification: { ...rest, bundle_fqid: { ...fqid, ...bundle } } };
}

/**
 * Which bundle a record is about, for its number.
 *
 * @throws LazuliError `bad_request` for an undeletion without a source; the consumer finds out about others
 */
export function bundleVersionOf({ action, catalog, notification: { bundle_fqid } }: NotificationRecord): BundleVersion {
  const { uuid, version, source } = bundle_fqid;
  const id = isObject(source) && Object.hasOwn(source, 'id') ? source.id : undefined;
  if (typeof id === 'string') return { catalog, source: id, uuid, version };
  if (action === 'restore') throw bad('Missing notification entry: bundle_fqid.source.id');
  return { catalog, source: '', uuid, version };
}

/**
 * The data of the record.
 *
 * @throws LazuliError `payload_too_large` when no record of the stream can hold it, `bad_request` when it is
 *   nested more deeply than JSON can be written, or has half of a surrogate pair anywhere
 */
export function recordData(record: NotificationRecord): Uint8Array {
  const data = encoded(record);
  if (hasHalfPair(textOf(data))) throw bad(`Invalid syntax: the notification ${halfPair}`);
  if (data.length <= maxRecordBytes) return data;
  throw new LazuliError('payload_too_large', `The notification is larger than ${maxRecordBytes} bytes`);
}

function encoded(record: NotificationRecord): Uint8Array {
  try {
    return encodeNotification(record);
  } catch (cause) {
    if (cause instanceof RangeError) throw bad('The notification is nested too deeply', cause);
    throw cause;
  }
}

function isAction(action: string): action is Action {
  return (actions as readonly string[]).includes(action);
}

/** The JSON object that a body is. @throws LazuliError `bad_request` */
export function parseBody(body: Uint8Array): Readonly<Record<string, unknown>> {
  let parsed: unknown;
  try {
    const text = jsonTextOf(body);
    parsed = JSON.parse(text);
    requireUniqueNames(text);
  } catch (cause) {
    throw bad(cause instanceof NameTwice ? `The body is ambiguous: ${cause.message}` : 'The body is no JSON', cause);
  }
  if (!isObject(parsed)) throw bad(`Invalid type: body: ${typeName(parsed)} (should be object)`);
  return parsed;
}

function entry(object: Readonly<Record<string, unknown>>, name: string, path: string): unknown {
  const value = Object.hasOwn(object, name) ? object[name] : undefined;
  if (value === undefined) throw bad(`Missing notification entry: ${path}`);
  return value;
}

function text(name: string, value: unknown): string {
  if (typeof value !== 'string') throw bad(`Invalid type: ${name}: ${typeName(value)} (should be string)`);
  if (!value.isWellFormed()) throw bad(`Invalid syntax: ${name} has half of a surrogate pair`);
  return value;
}

function checkUuid(uuid: string, version: string): string {
  if (!uuidPattern.test(uuid)) throw bad(`Invalid syntax: ${uuid} (should be a UUID)`);
  if (version === '') throw bad('Invalid syntax: bundle_version can not be empty');
  if (version.length > maxVersion) throw bad(`Invalid syntax: version is longer than ${maxVersion} characters`);
  return uuid.toLowerCase();
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'list' : typeof value;
}

function bad(message: string, cause?: unknown): LazuliError {
  return new LazuliError('bad_request', message, cause === undefined ? {} : { cause });
}
