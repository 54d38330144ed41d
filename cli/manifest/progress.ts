import { bar } from '../up/progress.ts';
import type { Progress } from './requested.ts';

/** `█████░░░░░ 34 %, 50 rows, 1.2 MB` */
export function made({ percent, rows, bytes }: Progress): string {
  return `${bar({ done: percent, total: 100 })} ${percent} %, ${rows} rows, ${inMegabytes(bytes)}`;
}

/** @param total null where nobody knows */
export function received(done: number, total: number | null): string {
  return total === null ? inMegabytes(done) : `${bar({ done, total })} ${inMegabytes(done)} of ${inMegabytes(total)}`;
}

/** `1.2 MB` */
export const inMegabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
