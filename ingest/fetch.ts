import { hash } from 'node:crypto';
import { LazuliError } from '../core/config/errors.ts';
import type { SourceRef } from '../core/config/sources.ts';
import type { BundleFqid } from '../core/model/bundle.ts';
import type { FetchedBundle } from '../core/model/repository.ts';
import { fullJitter } from '../core/runtime/backoff.ts';
import { inTime } from '../core/runtime/deadline.ts';
import type { Clock } from '../core/runtime/ports.ts';
import type { Action } from '../core/staged/layout.ts';
import type { StreamRecord } from '../core/streams/processor.ts';
import { refusedCatalog } from '../plugins/opening.ts';
import type { OpenCatalog, OpenCatalogs } from './catalogs.ts';
import { decodeNotification, type Notification } from './notification.ts';

/** A notification with what its bundle was found to be. */
export interface Prepared {
  readonly action: Action;
  readonly number: number;
  readonly catalog: OpenCatalog;
  readonly fqid: BundleFqid;
  /** null where nothing is added: nothing is fetched then */
  readonly fetched: (FetchedBundle & { readonly contentHash: string }) | null;
}

/** What became of a record: prepared, or the error that it met after so many attempts. */
export type Preparation = { readonly record: StreamRecord } & (
  | { readonly prepared: Prepared }
  | { readonly error: unknown; readonly attempts: number }
);

/** What preparing needs; `maxBytes` of one bundle. */
export interface FetchPorts {
  readonly catalogs: OpenCatalogs;
  /** why others can't be worked on */
  readonly refused?: ReadonlyMap<string, LazuliError>;
  readonly clock: Clock;
  readonly maxBytes: number;
}

const maxAttempts = 3;
const backoff = { baseMillis: 200, capMillis: 2_000 };
/** for one bundle; the established system gave its workers as much */
const maxMillis = 300_000;

/** Decodes a record and fetches what it notifies of. Never rejects. @param signal aborted when nobody wants it any more */
export async function prepare(record: StreamRecord, ports: FetchPorts, signal: AbortSignal): Promise<Preparation> {
  for (let attempts = 1; ; attempts++) {
    try {
      return { record, prepared: await attempt(record, ports, signal) };
    } catch (error) {
      if (isFinal(error) || signal.aborted || attempts === maxAttempts) return { record, error, attempts };
      await ports.clock.sleep(fullJitter(attempts, backoff), signal).catch(() => {});
    }
  }
}

/** Whether to try no more here: the bundle is bad, or the driver must pause and try again. */
function isFinal(error: unknown): boolean {
  return error instanceof LazuliError && error.disposition !== 'retry';
}

async function attempt(record: StreamRecord, ports: FetchPorts, signal: AbortSignal): Promise<Prepared> {
  const notification = decodeNotification(record.data);
  const catalog = catalogOf(notification, ports);
  const { uuid, version, source } = notification.notification.bundle_fqid;
  const { action, number } = notification;
  const fqid = { source: { id: source.id, spec: source.spec }, uuid, version };
  const place = { catalog: catalog.name, bundle: `${uuid}.${version}` };
  try {
    const fetched = action === 'add' ? await fetch(catalog, fqid, ports, signal) : null;
    if (fetched !== null) compareSource(fqid.source, fetched.source);
    return { action, number, catalog, fqid, fetched };
  } catch (error) {
    throw error instanceof LazuliError ? error.at(place) : error;
  }
}

function catalogOf({ catalog: name }: Notification, { catalogs, refused }: FetchPorts): OpenCatalog {
  const catalog = catalogs.get(name);
  if (catalog !== undefined) return catalog;
  const why = refused?.get(name);
  if (why !== undefined) throw refusedCatalog(name, why);
  throw new LazuliError('record_malformed', `There is no catalog '${name}'`, {
    place: { catalog: name },
    remedy: `Configure it, then redrive; there are: ${[...catalogs.keys()].join(', ')}.`,
  });
}

async function fetch(
  { repository }: OpenCatalog,
  fqid: BundleFqid,
  { maxBytes, clock }: FetchPorts,
  signal: AbortSignal,
) {
  const fetched = await inTime({ clock, millis: maxMillis, late, signal }, (ending) =>
    repository.fetchBundle(fqid, maxBytes, ending),
  );
  if (fetched.bytes.length > maxBytes) {
    throw new LazuliError(
      'bundle_too_large',
      `The bundle has ${fetched.bytes.length} bytes; ${maxBytes} is the limit`,
      {
        remedy: 'Split the bundle, or raise limits.bundleBytes.',
      },
    );
  }
  return { ...fetched, contentHash: hash('sha256', fetched.bytes, 'hex') };
}

/** Only the repository decides the spec of a source: otherwise the first of several notifications would. */
function compareSource(notified: SourceRef, known: SourceRef): void {
  if (notified.id === known.id && notified.spec === known.spec) return;
  throw new LazuliError(
    'source_contradicted',
    `The notification says source ${notified.id} is '${notified.spec}'; the repository says ${known.id} is '${known.spec}'`,
    { remedy: 'Notify again as the repository has it and drop this one; or correct the repository, then redrive.' },
  );
}

function late(): LazuliError {
  return new LazuliError('repository_unavailable', `The repository gave no answer within ${maxMillis / 1000} s`, {
    remedy: 'Check the repository; ingest goes on by itself.',
  });
}
