/** How often export workers look and tell, in milliseconds. */
export interface Pace {
  /** between looks at the queue */
  readonly lookMillis: number;
  /** between signs of life of an attempt */
  readonly beatMillis: number;
  /** an attempt without a sign of life for so long is lost, and another worker begins the next */
  readonly leaseMillis: number;
  /** between looks for what can be deleted */
  readonly upkeepMillis: number;
}

export const usualPace: Pace = {
  lookMillis: 500,
  beatMillis: 2_000,
  leaseMillis: 20_000,
  upkeepMillis: 60 * 60 * 1000,
};
