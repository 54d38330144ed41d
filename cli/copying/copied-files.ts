import { z } from 'zod';
import { LazuliError } from '../../core/config/errors.ts';
import { jsonOrNothing } from '../../core/config/text.ts';
import type { ManifestFile } from '../../plugins/repository/dss/answers.ts';
import { type Exchanged, NoAnswer } from '../../plugins/repository/dss/exchange.ts';
import { StoreRefusal } from '../../plugins/repository/dss/refusals.ts';
import type { Store } from '../../plugins/repository/dss/store.ts';
import { type CopySource, sourceObject } from './source-objects.ts';
import { type BlobTags, tagsOf } from './tags.ts';

const putAnswer = z.looseObject({ version: z.string() });
/** of a file whose tags were missing: S3 shows them in a while */
const maxAttempts = 10;
/** between two looks for a file that is being copied, seconds */
const looks = { first: 1, growth: 1.618, longest: 60, most: 1200 };

export interface FileCopying {
  readonly source: CopySource;
  readonly destination: Store;
  readonly replica: string;
  /** null: tags that are missing stay so */
  readonly tags: BlobTags | null;
}

/**
 * Puts a file into another store, and waits until it is there.
 *
 * @param version of the copy
 * @throws StoreRefusal, LazuliError that says why it isn't there
 */
export async function copyFile(
  copying: FileCopying,
  file: ManifestFile,
  version: string,
  signal: AbortSignal,
): Promise<void> {
  const { source, destination, tags } = copying;
  const object = await sourceObject(source, file, signal);
  const body = { creator_uid: 0, source_url: `s3://${object.bucket}/${object.key}` };
  const request = { method: 'PUT' as const, path: `/files/${file.uuid}`, query: { version }, body };
  for (let attempt = 1; ; attempt++) {
    try {
      const isThere = await destination.ask(request, (answer) => putOutcome(answer, version), signal);
      return isThere ? undefined : await untilThere(copying, file, version, signal);
    } catch (error) {
      const lacksTags = error instanceof StoreRefusal && error.code === 'missing_checksum';
      if (tags === null || !lacksTags || attempt >= maxAttempts) throw error;
      await tags.add(object, tagsOf(object));
      await destination.clock.sleep(attempt * 1000, signal);
    }
  }
}

/** @returns false where it is being copied @throws NoAnswer */
function putOutcome({ status, bytes }: Exchanged, version: string): boolean {
  const { data } = putAnswer.safeParse(jsonOrNothing(bytes));
  if (![200, 201, 202].includes(status) || data?.version !== version) throw new NoAnswer(`status ${status} for a put`);
  return status !== 202;
}

async function untilThere(
  { destination, replica }: FileCopying,
  { uuid, name, sha256 }: ManifestFile,
  version: string,
  signal: AbortSignal,
): Promise<void> {
  const request = { method: 'HEAD' as const, path: `/files/${uuid}`, query: { replica, version } };
  const sum = ({ headers }: Exchanged) => headers.get('x-dss-sha256');
  let waited = 0;
  for (let rest = looks.first; waited < looks.most; rest = Math.min(rest * looks.growth, looks.longest)) {
    await destination.clock.sleep(rest * 1000, signal);
    waited += rest;
    const found = await destination.ask(request, sum, signal).catch(absentAsUndefined);
    if (found === undefined) continue;
    if (found?.toLowerCase() === sha256.toLowerCase()) return;
    throw notThere(name, `is there with SHA-256 ${found}`);
  }
  throw notThere(name, `isn't there after ${looks.most / 60} minutes`);
}

function absentAsUndefined(error: unknown): undefined {
  if (error instanceof StoreRefusal && error.status === 404) return undefined;
  throw error;
}

const notThere = (name: string, what: string): LazuliError =>
  new LazuliError('unavailable', `The copy of file ${name} ${what}`, { remedy: 'Have the destination looked at.' });
