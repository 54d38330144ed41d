import { join } from 'node:path';
import type { S3Place } from '../../../streams/s3/store.ts';
import { Part } from '../machine/part.ts';
import type { OwnerPart } from '../parts/owner.ts';
import type { StagedWorld, StagePart } from '../parts/stage.ts';
import type { World } from '../worlds.ts';

export const deployment = 'bench';

/** Stages a world, or the first bundles of it, in a folder, in a process of its own. */
export async function stageWorld(folder: string, world: World, most: number | null = null): Promise<StagedWorld> {
  const part = await Part.start<StagePart>('stage');
  try {
    return (await part.ask('stage', { folder: join(folder, 'staging'), world, most })).value;
  } finally {
    await part.stop();
  }
}

/** Runs `work` with a fresh owner of what is staged in a folder, or in a bucket, its store still empty. */
export async function withOwner<T>(
  {
    folder,
    opensearch,
    core,
    bucket,
  }: { folder: string; opensearch: string; core?: number; bucket?: Omit<S3Place, 'mirror'> },
  work: (owner: Part<OwnerPart>) => Promise<T>,
): Promise<T> {
  const owner = await Part.start<OwnerPart>('owner', core);
  try {
    const state = join(folder, `state-${owner.pid}`);
    const staging = bucket ? { ...bucket, mirror: join(state, 'mirror') } : join(folder, 'staging');
    await owner.ask('open', { staging, state, opensearch, deployment });
    return await work(owner);
  } finally {
    await owner.stop();
  }
}
