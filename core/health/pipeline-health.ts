import { troublesOf } from '../runs/troubles.ts';
import type { Health, HealthChecks } from './health.ts';
import { deadLetters, type Pipeline, type PipelineState, type StageState, unsearchableSeconds } from './pipeline.ts';

/** The names of the streams. */
export interface StreamNames {
  readonly notifications: string;
  readonly batches: string;
}

/**
 * Whether the streams can be read, and how much of what was acknowledged isn't searchable yet
 * (specification, service-api 4), as stages reported it a few seconds ago. No stream is asked: whoever calls `/health`
 * would use up what consumers may read. Streams know neither delayed nor invisible messages: what a worker has read and
 * not finished is still queued.
 */
export function pipelineChecks(pipeline: Pick<Pipeline, 'look'>, streams: StreamNames): HealthChecks {
  return {
    queues: async () => {
      const { stages } = await pipeline.look();
      const [notifications, batches] = (['ingest', 'transform'] as const).map((stage) => queue(of(stage, stages)));
      return {
        ...{ [streams.notifications]: notifications, [streams.batches]: batches },
        up: notifications?.up === true && batches?.up === true,
      };
    },
    progress: async () => progressOf(await pipeline.look()),
  };
}

const of = (stage: string, stages: readonly StageState[]): readonly StageState[] =>
  stages.filter((one) => one.stage === stage);

function queue(readers: readonly StageState[]): Health {
  const problem = readers.flatMap(problemOf)[0];
  if (problem !== undefined) return { up: false, error: problem };
  const messages = { delayed: 0, invisible: 0, queued: sum(readers, 'records') };
  return { up: true, messages, ...atLeast(readers) };
}

function problemOf({ paused, report }: StageState): string | readonly string[] {
  if (paused?.code === 'silent') return paused.reason;
  return report?.unreadable ?? [];
}

/** Up wherever it is known, whatever was given up or isn't as it should be. A batch whose documents aren't known yet counts as one document. */
function progressOf(state: PipelineState): Health {
  const { stages } = state;
  const transform = of('transform', stages);
  const isKnown = stages.every(({ report }) => report !== null && report.unreadable === null);
  const letters = deadLetters(state)?.filter(({ count }) => count > 0);
  const reported = stages.map(({ report }) => report?.at ?? null);
  return {
    up: isKnown,
    unindexed_bundles: sum(of('ingest', stages), 'records'),
    unindexed_documents: sum(transform, 'documents') + sum(transform, 'records'),
    ...atLeast(stages),
    oldest_unsearchable_seconds: unsearchableSeconds(state),
    paused: stages.flatMap(standstill),
    troubles: stages.flatMap((one) => troublesOf({ ...one, facts: one.report?.facts ?? null })),
    ...(letters === undefined ? {} : { dead_letters: letters }),
    as_of: reported.every((at) => at !== null) ? time(Math.min(...reported)) : null,
  };
}

function standstill({ stage, catalog, paused }: StageState) {
  return paused === null ? [] : [{ stage, catalog, ...paused, since: time(paused.since) }];
}

const atLeast = (stages: readonly StageState[]): { readonly at_least?: true } =>
  stages.every(({ report, paused }) => report?.complete && paused?.code !== 'silent') ? {} : { at_least: true };

const sum = (stages: readonly StageState[], what: 'records' | 'documents'): number =>
  stages.reduce((total, { report }) => total + (report?.[what] ?? 0), 0);

const time = (millis: number): string => new Date(millis).toISOString();
