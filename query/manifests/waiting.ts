import { LazuliError } from '../../core/config/errors.ts';
import { type Failure, noProgress } from '../../core/exports/attempts.ts';
import { formatTypes } from '../../core/exports/formats.ts';
import type { Job, Look } from '../../core/exports/jobs.ts';
import type { ResultObject } from '../../core/exports/objects.ts';
import type { ExportRequest } from '../../core/exports/request.ts';
import type { Exports } from './exports.ts';
import type { Standing } from './standing.ts';

/** The name of a result among the objects. */
export const objectName = ({ format }: ExportRequest, hash: string): string =>
  `${hash}.${formatTypes[format].extension}`;

type Wanted = Pick<Job, 'hash' | 'request'> & { readonly caller: string };

/**
 * Where a job is that somebody asks for anew: what isn't there, has failed or is too old is made again.
 *
 * @throws LazuliError `unavailable`
 */
export function standingOf(exports: Exports, wanted: Wanted): Promise<Standing> {
  const { looking } = exports;
  const known = looking.get(wanted.hash);
  if (known !== undefined) return known.then(joined);
  const found = standing(exports, wanted).finally(() => looking.delete(wanted.hash));
  looking.set(wanted.hash, found);
  return found;
}

async function standing(exports: Exports, wanted: Wanted): Promise<Standing> {
  const { jobs, objects, lifeMillis, clock } = exports;
  const look = await jobs.look(wanted.hash);
  if (look.state.kind === 'done') {
    const object = await objects.stat(objectName(wanted.request, wanted.hash));
    const isFresh = object !== null && clock.now() - object.written < lifeMillis;
    if (isFresh) return { kind: 'ready', result: look.state.result, written: object.written };
  }
  if (look.state.kind === 'running') return { kind: 'later', progress: look.state.progress, outcome: 'joined' };
  return queued(exports, wanted, look);
}

/**
 * Where a job is for which somebody waits: what has failed stays so, and the file is made again where it has gone.
 *
 * @throws LazuliError `manifest_failed`, `unavailable`
 */
export async function awaited(exports: Exports, wanted: Wanted): Promise<Standing> {
  const look = await exports.jobs.look(wanted.hash);
  const { state } = look;
  if (state.kind === 'failed') throw failed(state.failure);
  if (state.kind === 'running') return { kind: 'later', progress: state.progress, outcome: 'joined' };
  if (state.kind === 'done') {
    const object: ResultObject | null = await exports.objects.stat(objectName(wanted.request, wanted.hash));
    if (object !== null) return { kind: 'ready', result: state.result, written: object.written };
  }
  return queued(exports, wanted, look);
}

/** For whoever came second. */
const joined = (standing: Standing): Standing =>
  standing.kind === 'ready' ? standing : { ...standing, outcome: 'joined' };

async function queued({ jobs, admission }: Exports, { hash, request, caller }: Wanted, { next }: Look) {
  const admit = () => admission.enter(caller);
  const isNew = await jobs.queueUp(hash, request, { number: next, caller, admit });
  return { kind: 'later', progress: noProgress, outcome: isNew ? 'queued' : 'joined' } as const;
}

const failed = ({ message, remedy }: Failure): LazuliError =>
  new LazuliError('manifest_failed', `Failed to generate manifest: ${message}`, remedy === null ? {} : { remedy });
