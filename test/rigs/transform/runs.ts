import type { Run } from '../../../core/runs/run.ts';

/** A run of two sources that goes on. */
export const someRun: Run = {
  id: '20260101T000000000Z-abcdef',
  catalog: 'hca',
  kind: 'reindex',
  from: 'staged',
  source: null,
  prefix: '',
  changed: false,
  builders: 0,
  phase: 'building',
  restaging: null,
  state: 'running',
  generation: 3,
  attempts: 2,
  started: '2026-01-01T00:00:00.000Z',
  ended: null,
  documents: { expected: 15, done: 9 },
  sources: [
    { source: 'a', expected: 6, computed: 6, written: 5, verified: 0 },
    { source: 'b', expected: 10, computed: 10, written: 4, verified: 0 },
  ],
  rate: 0.5,
  eta: '2026-01-01T00:01:12.000Z',
  failures: { document_rejected: 2, document_too_large: 1 },
  vanished: null,
  acceptsVanished: false,
  failure: null,
};
