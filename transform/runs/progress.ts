import type { Run } from '../../core/runs/run.ts';
import type { BuildProgress } from '../building/build.ts';

/** What of a build's progress a run has. */
type Progress = Omit<BuildProgress, 'builders'>;

/** A run as far as its build has come. @param now milliseconds since the epoch */
export function withProgress(run: Run, progress: Progress, now: number): Run {
  const { generation, expected, done, started, before, sources } = progress;
  const millis = now - started;
  // Nothing is written while a run waits for a yes.
  const told = done === expected ? run.rate : null;
  const rate = told ?? (millis > 0 && done > before ? ((done - before) * 1000) / millis : null);
  const eta = rate === null ? null : new Date(now + ((expected - done) * 1000) / rate).toISOString();
  const ofSources = sources.map((one) => ({ ...one, verified: 0 }));
  const phase = done === expected ? 'verifying' : 'building';
  return { ...run, generation, phase, documents: { expected, done }, sources: ofSources, rate, eta };
}

/** A run of which everything is written, verified and serves. @param last of its build before the last step */
export function completed(begun: Run, last: Progress | null, now: number): Run {
  const run = last === null ? begun : withProgress(begun, { ...last, done: last.expected }, now);
  const { expected } = run.documents;
  const sources = run.sources.map(({ source, expected: all }) => ({
    ...{ source, expected: all, computed: all },
    ...{ written: all, verified: all },
  }));
  return { ...run, documents: { expected, done: expected }, sources };
}
