import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Clock } from '../core/runtime/ports.ts';
import type { OwnAttempt } from './attempt.ts';
import type { Ended } from './job.ts';

/** Seconds */
const buckets = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600];

/** Counts and times jobs. */
export function measuredWork(
  registry: Registry,
  clock: Pick<Clock, 'now'>,
  work: (attempt: OwnAttempt, stop: AbortSignal) => Promise<Ended>,
): (attempt: OwnAttempt, stop: AbortSignal) => Promise<Ended> {
  const registers = [registry];
  const seconds = new Histogram({
    name: 'lazuli_export_job_duration_seconds',
    help: 'Jobs of this worker by format and how they ended',
    labelNames: ['format', 'outcome'] as const,
    buckets,
    registers,
  });
  const lost = new Counter({
    name: 'lazuli_export_lost_attempts_total',
    help: 'Attempts that this worker began because the worker of the one before had died',
    registers,
  });
  const running = new Gauge({ name: 'lazuli_export_jobs_running', help: 'Jobs that this worker works on', registers });
  return async (attempt, stop) => {
    const { format } = attempt.job.request;
    const began = clock.now();
    running.inc();
    if (attempt.losses > 0) lost.inc();
    const outcome = await work(attempt, stop);
    running.dec();
    seconds.observe({ format, outcome }, (clock.now() - began) / 1000);
    return outcome;
  };
}
