import type { CatalogOwner } from '../../../transform/owner/catalog.ts';
import { Pace } from '../machine/pace.ts';
import { catalog } from '../staging.ts';
import type { Opened } from './opening.ts';

const pollMillis = 10;
const maxMillis = 6 * 3_600_000;

/** Brings in batches, as the pointers do that name them; resolves when nothing is left to be done. */
export async function bringIn({ owner }: Opened, batches: readonly string[]): Promise<void> {
  const commit = await owner.load(batches);
  await until(() => owner.isWritten(commit));
  await untilIdle(owner);
}

/** Removes a source, as `lazuli source remove` has it done; resolves when nothing is left to be done. */
export async function removeSource({ context, owner }: Opened, source: string): Promise<void> {
  await owner.removeSource(source);
  // Until then it may look idle, because it hasn't begun.
  await until(async () => (await wanted(context)) === 0);
  await untilIdle(owner);
}

async function wanted({ objects }: Opened['context']): Promise<number> {
  let count = 0;
  for await (const _ of objects.list(`${catalog}/removals/`)) count++;
  return count;
}

/** Resolves when everything is loaded, written, and merged where that was due. */
export async function untilIdle(owner: CatalogOwner): Promise<void> {
  let pace: Pace | undefined;
  await until(() => {
    const { state, rebuild } = owner.progress;
    if (rebuild !== null) {
      pace ??= new Pace('documents built', rebuild.expected);
      pace.note(rebuild.done);
    }
    return state === 'idle';
  });
}

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + maxMillis;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error(`Not done after ${maxMillis / 3_600_000} hours`);
    await new Promise((resolve) => setTimeout(resolve, pollMillis));
  }
}
