import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { LazuliError } from '../config/errors.ts';
import { parsedJson } from '../config/text.ts';
import { writeAtomically } from '../storage/atomic-file.ts';
import { errorCode, storageUnavailable } from '../storage/storage-errors.ts';
import { type CheckpointStore, shardEnd } from './checkpoints.ts';
import { checkName } from './names.ts';
import type { StreamIdentity } from './source.ts';

const checkpointSchema = z.strictObject({
  stream: z.string(),
  /** milliseconds since the epoch: which stream of that name */
  created: z.number(),
  shard: z.string(),
  checkpoint: z.union([z.literal(shardEnd), z.string().regex(/^[0-9]{1,128}$/)]),
  /** RFC 3339 */
  saved: z.string(),
});
type SavedCheckpoint = z.output<typeof checkpointSchema>;

/** Checkpoints in a folder on a local disk: `<folder>/<stream>/<shard>.json`. */
export class CheckpointFolder implements CheckpointStore {
  readonly #folder: string;
  readonly #now: () => number;

  constructor(folder: string, now: () => number = Date.now) {
    this.#folder = folder;
    this.#now = now;
  }

  async get(stream: StreamIdentity, shardId: string): Promise<string | null> {
    const saved = await read(this.#file(stream, shardId));
    return saved?.created === stream.created ? saved.checkpoint : null;
  }

  async put(stream: StreamIdentity, shardId: string, checkpoint: string): Promise<void> {
    const saved: SavedCheckpoint = {
      stream: stream.name,
      created: stream.created,
      shard: shardId,
      checkpoint,
      saved: new Date(this.#now()).toISOString(),
    };
    await writeAtomically(this.#file(stream, shardId), Buffer.from(`${JSON.stringify(saved)}\n`));
  }

  #file(stream: StreamIdentity, shardId: string): string {
    return join(this.#folder, checkName('stream', stream.name), `${checkName('shard', shardId)}.json`);
  }
}

/** The checkpoints of a stage, in the state folder of a deployment. */
export function checkpointsOf(stateFolder: string, stage: string): CheckpointFolder {
  return new CheckpointFolder(join(stateFolder, 'checkpoints', stage));
}

async function read(file: string): Promise<SavedCheckpoint | null> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw storageUnavailable(file, error);
  }
  try {
    return checkpointSchema.parse(parsedJson(bytes));
  } catch (cause) {
    throw new LazuliError('staging_unavailable', `The checkpoint ${file} is damaged.`, {
      remedy: 'Delete that file: its shard is then read again from its oldest record, which does no harm.',
      cause,
    });
  }
}
