import type { LazuliError } from '../core/config/errors.ts';
import type { Handlers } from '../core/control/declaration.ts';
import { type IngestStatus, ingestControl } from '../core/control/ingest.ts';
import { serve } from '../core/control/serve.ts';
import type { OperatorsApi } from '../core/http/operators-app.ts';
import { type ConsumerStatus, troubleOf } from '../core/streams/consumer.ts';
import type { IngestMeter } from './counts.ts';

/** What an ingest process says of itself. Pure. */
export function statusOf(
  { shards, problem }: ConsumerStatus,
  { counts, rate }: Pick<IngestMeter, 'counts' | 'rate'>,
  refused: ReadonlyMap<string, LazuliError>,
): IngestStatus {
  const trouble = troubleOf({ shards, problem });
  const paused =
    trouble === null
      ? null
      : {
          code: trouble.code,
          reason: `${trouble.code}: ${trouble.message}`,
          remedy: trouble.remedy,
          since: trouble.since,
        };
  const reasons = [...refused].map(([catalog, { message }]) => [catalog, message] as const);
  return { stage: 'ingest', shards, counts, rate, refused: Object.fromEntries(reasons), paused };
}

/** The port for operators of an ingest process. */
export const controlApi = (control: Handlers<typeof ingestControl>): OperatorsApi => ({
  title: 'Lazuli ingest',
  description: 'Tells how far an ingest process is.',
  operations: serve(ingestControl, control),
});
