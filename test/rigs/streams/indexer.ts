import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LazuliError } from '../../../core/config/errors.ts';
import type { HealthChecks } from '../../../core/health/health.ts';
import { listen } from '../../../core/http/server.ts';
import { systemClock } from '../../../core/runtime/clock.ts';
import type { Records } from '../../../core/runtime/ports.ts';
import { FolderStore } from '../../../core/storage/folder.ts';
import { Answered } from '../../../ingest/answered.ts';
import type { CallbacksOf } from '../../../ingest/callback.ts';
import { indexerApp } from '../../../ingest/endpoint.ts';
import type { HmacKey, HmacKeys } from '../../../ingest/hmac-key.ts';
import type { AskOwner, RunsOwner } from '../../../ingest/runs.ts';
import { signRequest } from '../../../ingest/sign.ts';
import { Undeletions } from '../../../ingest/undeletions.ts';

export const key: HmacKey = { key: 'a secret that only two parties know', key_id: 'the id' };
export const now = Date.parse('2026-11-22T12:00:00Z');

const limits = { requestBytes: 10_000, signatureMillis: 900_000, urlBytes: 1_000 };

const noCatalog = async () => {
  throw new LazuliError('not_found', 'There is no catalog.');
};
const noRuns: RunsOwner = { runs: noCatalog, startRun: noCatalog, cancelRun: noCatalog, resumeRun: noCatalog };

/** Asks an owner of all catalogs, who knows as much as a test needs. */
export const asking =
  (owner: Partial<RunsOwner>): AskOwner =>
  (_catalog, ask) =>
    ask({ ...noRuns, ...owner });

interface Parts {
  readonly health?: HealthChecks;
  readonly runs?: AskOwner;
  /** where answers are remembered; default: in a folder of its own */
  readonly records?: Records;
  readonly time?: { now: number };
  readonly callbacksOf?: CallbacksOf;
  readonly keys?: () => HmacKeys;
}

/** An indexer on a free port whose stream is a list. */
export async function startIndexer({
  health = {},
  runs = asking({}),
  records: remembered,
  time = { now },
  callbacksOf = noCatalog,
  keys = () => ({ current: key, other: null }),
}: Parts = {}) {
  const records: { partitionKey: string; record: unknown }[] = [];
  const logged: unknown[] = [];
  const stream = { up: true };
  const folder = mkdtempSync(join(tmpdir(), 'lazuli-indexer-'));
  const objects = new FolderStore(folder);
  const log = (fields: object, message: string) => void logged.push({ ...fields, message });
  const logger = { info: log, warn: log, error: log };
  const clock = { now: () => time.now, sleep: systemClock.sleep };
  const window = limits.signatureMillis;
  const answered = new Answered({ records: remembered ?? objects, clock, logger, window });
  const app = indexerApp({
    keys,
    put: async (partitionKey, data) => {
      if (!stream.up) throw new LazuliError('stream_unavailable', 'no such luck');
      records.push({ partitionKey, record: JSON.parse(Buffer.from(data).toString('utf8')) });
    },
    undeletions: new Undeletions(objects),
    runs,
    callbacksOf,
    health,
    defaultCatalog: 'hca',
    version: { git: { commit: 'abc', dirty: false }, changes: [] },
    limits,
    logger,
    clock,
    answered,
  });
  const server = await listen(app, { host: '127.0.0.1', port: 0, urlBytes: limits.urlBytes });
  const stop = async () => {
    await server.stop();
    await answered.idle();
    rmSync(folder, { recursive: true });
  };
  return { ...server, stop, records, logged, stream };
}

export interface PostOptions {
  readonly by?: HmacKey;
  readonly created?: number;
  readonly headers?: Record<string, string>;
  /** what is sent in place of the body that was signed */
  readonly swapped?: string;
}

/** Posts a signed body: JSON unless it is text already. */
export async function post(url: string, path: string, body: unknown, options: PostOptions = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const { by = key, created = now, headers = {}, swapped = text } = options;
  const target = `${url}${path}`;
  const signature = await signRequest(by, { method: 'POST', url: target, body: Buffer.from(text), created });
  const response = await fetch(target, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...signature, ...headers },
    body: swapped,
  });
  return { status: response.status, body: await response.text(), headers: response.headers };
}
