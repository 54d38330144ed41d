import { LazuliError } from '../../core/config/errors.ts';
import type { Settings } from '../../core/config/settings.ts';
import { bucketOwnersOf } from '../../core/control/workers.ts';
import type { Folders } from './folders.ts';
import { roleSpec, type Supervisor } from './supervisor.ts';

const lookMillis = 1_000;
/** On one machine more only wait for each other. */
const mostLocal = 16;

/** Has as many builders run as builds want, and none otherwise, until stopped. An owner that doesn't answer changes nothing. */
export async function provideBuilders(
  settings: Settings,
  { config, logs }: Folders,
  supervisor: Pick<Supervisor, 'keep' | 'end' | 'mark'>,
  stop: AbortSignal,
): Promise<void> {
  const owners = bucketOwnersOf(settings);
  const running: string[] = [];
  while (!stop.aborted) {
    const wanted = await wantedOf(owners).catch((error: unknown) => {
      if (error instanceof LazuliError) return running.length;
      throw error;
    });
    while (running.length < Math.min(wanted, mostLocal) && !stop.aborted) {
      const name = `builder-${running.length + 1}`;
      running.push(name);
      await supervisor.keep(roleSpec('builder', ['--config', config], logs, supervisor.mark, name));
    }
    while (running.length > wanted) await supervisor.end(running.pop() ?? '');
    await new Promise((resolve) => setTimeout(resolve, lookMillis));
  }
}

async function wantedOf(owners: ReturnType<typeof bucketOwnersOf>): Promise<number> {
  const answers = await Promise.all(owners.map(({ buckets }) => buckets.builders()));
  return answers.reduce((sum, { wanted }) => sum + wanted, 0);
}
