import { join } from 'node:path';
import type { S3Place } from '../../../core/storage/s3/store.ts';
import { Part } from '../machine/part.ts';
import type { OwnerPart } from '../parts/owner.ts';
import type { StagedWorld, StagePart } from '../parts/stage.ts';
import type { World } from '../worlds.ts';

export const deployment = 'bench';

/** Stages a world, or the first bundles of it, in a folder, in a process of its own. */
export async function stageWorld(folder: string, world: World, most: number | null = null): Promise<StagedWorld> {
  return withStager((stager) => stageBy(stager, folder, world, most));
}

/** Runs `work` with a process that stages, as one of ingest does that has been running for long. */
export async function withStager<T>(work: (stager: Part<StagePart>) => Promise<T>): Promise<T> {
  const stager = await Part.start<StagePart>('stage');
  try {
    return await work(stager);
  } finally {
    await stager.stop();
  }
}

/** Stages a world, or the first bundles of it, in a folder. */
export async function stageBy(
  stager: Part<StagePart>,
  folder: string,
  world: World,
  most: number | null = null,
): Promise<StagedWorld> {
  return (await stager.ask('stage', { folder: join(folder, 'staging'), world, most })).value;
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
