import type { CatalogStatus } from '../pipeline/status.ts';
import type { Stage } from './progress.ts';

/** Pure. Bundles in the first stages, documents in the last. */
export function stages(all: readonly CatalogStatus[], notified: number, fed: number): readonly Stage[] {
  const sum = (count: (status: CatalogStatus) => number): number => all.reduce((n, status) => n + count(status), 0);
  const staged = sum(({ sources }) => sources.reduce((n, source) => n + source.staged, 0));
  const waiting = sum(({ inFlight }) => inFlight.notifications);
  const indexed = sum(({ documents }) => Object.values(documents.indexed).reduce((a, b) => a + b, 0));
  return [
    { name: 'notified', unit: 'bundles', done: notified, total: fed },
    { name: 'staged', unit: 'bundles', done: staged, total: Math.max(staged + waiting, fed - sum(failures)) },
    {
      name: 'stored',
      unit: 'batches',
      done: sum(({ batches }) => batches.stored),
      total: sum(({ batches }) => batches.staged),
    },
    { name: 'indexed', unit: 'documents', done: indexed, total: indexed + sum(({ inFlight }) => inFlight.documents) },
  ];
}

const failures = (status: CatalogStatus): number => Object.values(status.failures).reduce((a, b) => a + b, 0);
