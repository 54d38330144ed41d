import type { Settings } from '../../core/config/settings.ts';
import type { TurnLimits } from '../../core/runtime/turns.ts';

/** How many requests search at a time, and how many wait for that, as the settings say. */
export const searchTurns = (limits: Settings['limits']): TurnLimits => ({
  atOnce: limits.searchesAtOnce,
  waiting: limits.searchesWaiting,
  waitMillis: limits.searchWaitMillis,
});
