import { Gauge, Histogram, type Registry } from 'prom-client';
import type { Outcome } from './loop.ts';

/** Seconds */
const buckets = [0.5, 1, 2, 5, 10, 30, 60, 300];

/** Counts and times buckets of builds. @param held how many it has at the moment */
export function measuredBuckets(registry: Registry, held: () => number): (outcome: Outcome, millis: number) => void {
  const registers = [registry];
  const seconds = new Histogram({
    name: 'lazuli_builder_bucket_duration_seconds',
    help: 'Buckets of builds that this builder took, by how that ended',
    labelNames: ['outcome'] as const,
    buckets,
    registers,
  });
  new Gauge({
    name: 'lazuli_builder_buckets_held',
    help: 'Buckets that this builder works on',
    registers,
    collect() {
      this.set(held());
    },
  });
  return (outcome, millis) => seconds.observe({ outcome }, millis / 1000);
}
