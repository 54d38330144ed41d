import type { Progress, Result } from '../../core/exports/attempts.ts';

/** What became of a request: a job was queued for it, it joined one, or the file was there. */
export type Outcome = 'queued' | 'joined' | 'ready';

/** Where a job is for a caller. */
export type Standing =
  | { readonly kind: 'later'; readonly progress: Progress; readonly outcome: Exclude<Outcome, 'ready'> }
  | { readonly kind: 'ready'; readonly result: Result; readonly written: number };
