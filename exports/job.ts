import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { bounded } from '../core/config/bounded.ts';
import { LazuliError } from '../core/config/errors.ts';
import { type Failure, noProgress, type Progress } from '../core/exports/attempts.ts';
import { genericName, safeFileName } from '../core/exports/file-names.ts';
import { formatTypes } from '../core/exports/formats.ts';
import type { ResultObjects } from '../core/exports/objects.ts';
import type { ExportRequest } from '../core/exports/request.ts';
import type { Logger } from '../core/runtime/logger.ts';
import type { Clock, FaultPoint } from '../core/runtime/ports.ts';
import { type OwnAttempt, Superseded } from './attempt.ts';
import type { Make } from './making.ts';

/** A job whose workers died so often kills them. */
const mostLosses = 3;

/** With what jobs are done. */
export interface JobParts {
  readonly make: Make;
  readonly objects: ResultObjects;
  /** the atlas of a catalog; null where this deployment doesn't have it */
  readonly atlasOf: (catalog: string) => string | null;
  /** ids of the sources that a catalog has at the moment */
  readonly sourcesOf: (catalog: string) => Promise<ReadonlySet<string>>;
  /** for a folder of each job */
  readonly folder: string;
  readonly temporaryBytes: number;
  readonly beatMillis: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly fault: FaultPoint;
}

/** How a job ended. */
export type Ended = 'done' | 'failed' | 'released' | 'superseded';

/**
 * Makes an export and puts it where callers can have it. Whatever goes wrong ends the job, not the worker; what its
 * records can't be told is found out by the next worker.
 *
 * @param stop the worker is to end: the job is left to another one
 */
export async function doJob(parts: JobParts, attempt: OwnAttempt, stop: AbortSignal): Promise<Ended> {
  const { clock, logger } = parts;
  const { request, hash } = attempt.job;
  const about = { catalog: request.catalog, format: request.format, job: hash, attempt: attempt.place.number };
  const began = clock.now();
  try {
    const ended = await ending(parts, attempt, stop);
    logger.info({ ...about, ended, millis: clock.now() - began }, 'export');
    return ended;
  } catch (err) {
    if (err instanceof Superseded) return 'superseded';
    logger.error({ ...about, err }, 'what became of an export can not be noted; another attempt will follow');
    return 'failed';
  }
}

async function ending(parts: JobParts, attempt: OwnAttempt, stop: AbortSignal): Promise<Ended> {
  const { clock, logger, fault } = parts;
  fault('exports.claimed');
  try {
    if (attempt.losses >= mostLosses) throw deadly(attempt.losses);
    const result = await made(parts, attempt, stop);
    await attempt.finish(result, clock.now());
    fault('exports.noted');
    return 'done';
  } catch (err) {
    if (err instanceof Superseded) throw err;
    if (stop.aborted) {
      await attempt.release(clock.now());
      return 'released';
    }
    const failure = failureOf(err);
    logger.warn({ job: attempt.job.hash, code: failure.code, err }, 'an export can not be made');
    await attempt.fail(failure, clock.now());
    return 'failed';
  }
}

async function made(parts: JobParts, attempt: OwnAttempt, stop: AbortSignal) {
  const { objects, fault } = parts;
  const { hash, request } = attempt.job;
  const type = formatTypes[request.format];
  if (type.version !== request.version) throw otherVersion();
  const folder = join(parts.folder, `${hash}-${attempt.place.number}`);
  const temporary = join(folder, 'temporary');
  const file = join(folder, `export.${type.extension}`);
  const object = `${hash}.${type.extension}`;
  const ended = new AbortController();
  const signal = AbortSignal.any([stop, ended.signal]);
  let progress: Progress = noProgress;
  const onProgress = (told: Pick<Progress, 'rows' | 'total'>) => {
    progress = { ...progress, ...told };
  };
  await mkdir(temporary, { recursive: true, mode: 0o700 });
  const beating = beat(parts, attempt, { folder, file, ended, progress: () => progress });
  try {
    const { rows, name } = await parts.make({ hash, request, file, temporary, signal, onProgress });
    signal.throwIfAborted();
    fault('exports.written');
    const { size: bytes } = await stat(file);
    await objects.put(object, file, type.contentType);
    fault('exports.stored');
    signal.throwIfAborted();
    return { rows, bytes, name: nameOf(parts, attempt, name) };
  } catch (error) {
    // What ended it says more than how it noticed.
    throw ended.signal.aborted ? ended.signal.reason : error;
  } finally {
    ended.abort(new Error('The job has ended.'));
    await beating;
    await rm(folder, { recursive: true, force: true });
  }
}

function nameOf({ atlasOf }: JobParts, { job: { request, hash } }: OwnAttempt, name: string | null): string {
  if (name !== null) return safeFileName(name);
  return genericName(atlasOf(request.catalog) ?? request.catalog, { hash }, formatTypes[request.format].extension);
}

interface Beaten {
  readonly folder: string;
  readonly file: string;
  readonly ended: AbortController;
  readonly progress: () => Progress;
}

/** Gives signs of life while a job is worked on, and ends it where it must not go on. Never rejects. */
async function beat(parts: JobParts, attempt: OwnAttempt, { folder, file, ended, progress }: Beaten): Promise<void> {
  const { clock, beatMillis, logger } = parts;
  while (!ended.signal.aborted) {
    try {
      const bytes = await sizeOf(file);
      await attempt.beat({ ...progress(), bytes });
      await requireSources(parts, attempt.job.request);
      await requireRoom(parts, folder);
    } catch (error) {
      const isFinal = error instanceof Superseded || (error instanceof LazuliError && error.disposition === 'dead');
      if (isFinal) ended.abort(error);
      else logger.warn({ err: error, job: attempt.job.hash }, 'an export could not give a sign of life');
    }
    await clock.sleep(beatMillis, ended.signal).catch(() => {});
  }
}

/** @throws LazuliError `manifest_failed` where the catalog has lost a source of which documents would show */
async function requireSources({ sourcesOf }: JobParts, { catalog, sources }: ExportRequest): Promise<void> {
  const known = await sourcesOf(catalog);
  if (sources.every((id) => known.has(id))) return;
  throw new LazuliError('manifest_failed', 'a source that it would show was removed from the catalog.', {
    remedy: 'Request it again: it has the sources that there are.',
  });
}

/** @throws LazuliError `manifest_failed` where a job takes more of the disk than it may */
async function requireRoom({ temporaryBytes }: JobParts, folder: string): Promise<void> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = await Promise.all(names.map((name) => sizeOf(join(folder, name))));
  if (sizes.reduce((sum, size) => sum + size, 0) <= temporaryBytes) return;
  throw new LazuliError('manifest_failed', `it takes more than ${temporaryBytes} bytes of the worker's disk.`, {
    remedy: 'Select fewer documents by filters, or raise `exports.temporaryBytes`.',
  });
}

/** 0 where it isn't there, or not any more. */
const sizeOf = (file: string): Promise<number> =>
  stat(file).then(
    (found) => (found.isFile() ? found.size : 0),
    () => 0,
  );

const deadly = (losses: number): LazuliError =>
  new LazuliError('manifest_failed', `${losses} workers died of it, one after the other.`, {
    remedy: 'Select fewer documents by filters; the logs of the export workers may say more.',
  });

const otherVersion = (): LazuliError =>
  new LazuliError('manifest_failed', 'the service is of another version than the export worker.', {
    remedy: 'Request it again when the update is complete.',
  });

/** What callers are told: what we know to say, and nothing of what we don't. */
function failureOf(error: unknown): Failure {
  if (!(error instanceof LazuliError))
    return { code: 'unexpected', message: 'an internal error occurred.', remedy: 'Request it again.' };
  const { code, message, remedy } = error;
  if (error.disposition !== 'dead' && error.disposition !== 'refuse')
    return { code, message: 'it is not possible at the moment.', remedy: 'Request it again in a minute.' };
  return { code, message: bounded(message), remedy: remedy ?? null };
}
