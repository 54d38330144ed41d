/** One figure that a section found. */
export interface Measurement {
  readonly name: string;
  readonly value: number;
  readonly unit: 'ratio' | 's' | 'ms' | 'MB' | 'bundles/s' | 'documents/s' | 'requests/s';
  /** what it should be, where something was promised */
  readonly target?: { readonly bound: 'least' | 'most'; readonly value: number };
  /** where the figure comes from, in a few words */
  readonly note?: string;
}

/** A line of the plot: how something grows with the number of bundles. */
export interface Line {
  readonly name: string;
  readonly unit: 's' | 'MB';
  readonly points: readonly { readonly bundles: number; readonly value: number }[];
}

/** A table that explains the figures. */
export interface Breakdown {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** What a section found. */
export interface Findings {
  readonly measurements: readonly Measurement[];
  readonly lines?: readonly Line[];
  readonly breakdowns?: readonly Breakdown[];
}

/** A measurement in the section that made it. */
export type Reported = Measurement & { readonly section: string };

/**
 * How much better than its target a figure is: 1 is just met, above is better, below is missed.
 *
 * @returns null without a target
 */
export function headroom({ value, target }: Measurement): number | null {
  if (target === undefined) return null;
  return target.bound === 'least' ? value / target.value : target.value / value;
}

/** `met`, `missed`, or nothing without a target. */
export function verdict(measurement: Measurement): 'met' | 'missed' | '' {
  const found = headroom(measurement);
  if (found === null) return '';
  return found >= 1 ? 'met' : 'missed';
}
