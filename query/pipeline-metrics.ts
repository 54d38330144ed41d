import { Gauge, type Registry } from 'prom-client';
import {
  deadLetters,
  type Pipeline,
  type PipelineState,
  type StageState,
  unsearchableSeconds,
} from '../core/health/pipeline.ts';
import type { Logger } from '../core/runtime/logger.ts';
import type { Clock } from '../core/runtime/ports.ts';

/** Between two lines of the log about the pipeline. */
const tellMillis = 60_000;

/**
 * Reports how far the pipeline is, as metrics when they are asked for: the service runs whatever happens to the workers.
 */
export function watchPipeline(pipeline: Pick<Pipeline, 'look'>, registry: Registry): void {
  const registers = [registry];
  new Gauge({
    name: 'lazuli_oldest_unsearchable_seconds',
    help: 'Since the stream took the oldest notification that is not searchable; 0 where all are',
    registers,
    async collect() {
      this.set(unsearchableSeconds(await pipeline.look()));
    },
  });
  new Gauge({
    name: 'lazuli_stage_paused',
    help: 'Whether a stage stands still, and why: a code of the error catalogue, halted, or silent where it has stopped reporting',
    labelNames: ['stage', 'catalog', 'reason'] as const,
    registers,
    async collect() {
      this.reset();
      for (const { stage, catalog, paused } of (await pipeline.look()).stages)
        this.set({ stage, catalog: catalog ?? '', reason: paused?.code ?? '' }, paused === null ? 0 : 1);
    },
  });
  new Gauge({
    name: 'lazuli_dead_letters',
    help: 'Work that was given up and waits for a person, by the stage that gave it up and its catalog, empty where that is none of those configured',
    labelNames: ['stage', 'catalog'] as const,
    registers,
    async collect() {
      this.reset();
      for (const { stage, catalog, count } of deadLetters(await pipeline.look()) ?? [])
        this.set({ stage, catalog: catalog ?? '' }, count);
    },
  });
}

/** The same once a minute as lines of the log, which metric filters of a deployment read. Goes on until it is stopped. */
export async function tellOfPipeline(
  pipeline: Pick<Pipeline, 'look'>,
  { clock, logger, signal }: { readonly clock: Clock; readonly logger: Logger; readonly signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    tell(await pipeline.look(), logger);
    await clock.sleep(tellMillis, signal).catch(() => {});
  }
}

function tell(state: PipelineState, logger: Logger): void {
  const { stages, now } = state;
  const paused = stages.filter((one) => one.paused !== null);
  const counts = { oldest_unsearchable_seconds: unsearchableSeconds(state), paused_stages: paused.length };
  logger.info(counts, 'pipeline');
  for (const one of paused) logger.warn(standstill(one, now), 'stage paused');
}

function standstill({ stage, catalog, paused }: StageState, now: number): object {
  return { stage, catalog, code: paused?.code, reason: paused?.reason, seconds: (now - (paused?.since ?? now)) / 1000 };
}
