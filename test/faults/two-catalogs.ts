import type { Settings } from '../../core/config/settings.ts';
import { encodeNotification } from '../../ingest/notification.ts';
import type { GeneratedNotification } from '../rigs/hca/notifications.ts';
import type { Pipeline } from './pipeline.ts';
import { catalog } from './pipeline-settings.ts';

/** The catalog beside the usual one. */
export const other = 'other';

/** With another catalog of the same bundles beside the usual one. @param plugin of the other one */
export function withOther({ catalogs, ...settings }: Settings, plugin: string): Settings {
  const usual = catalogs[catalog];
  if (usual === undefined) throw new Error('There is the usual catalog');
  const plugins = { ...usual.plugins, metadata: { name: plugin } };
  return { ...settings, catalogs: { ...catalogs, [other]: { ...usual, plugins } } };
}

/** How far a service says in its health that the pipeline is. */
export async function progressIn(url: string): Promise<Progress> {
  const { progress } = (await (await fetch(`${url}/health/progress`)).json()) as { readonly progress: Progress };
  return progress;
}

interface Progress {
  readonly paused: readonly Paused[];
  readonly dead_letters?: readonly object[];
}

/** Of a stage that stands still. */
export interface Paused {
  readonly stage: string;
  readonly catalog: string | null;
  readonly code: string;
}

/** Puts notifications to the stream, for the other catalog. */
export async function notifyOther(pipeline: Pipeline, notifications: readonly GeneratedNotification[]): Promise<void> {
  for (const { action, fqid } of notifications) {
    const { source, uuid, version } = fqid;
    const notification = { bundle_fqid: { uuid, version, source } };
    const data = encodeNotification({ action, catalog: other, number: action === 'delete' ? 1 : 0, notification });
    await pipeline.put(pipeline.settings.kinesis.notifications, data);
  }
}
