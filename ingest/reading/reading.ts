import type { KinesisClient } from '@aws-sdk/client-kinesis';
import type { Settings } from '../../core/config/settings.ts';
import type { Report } from '../../core/runs/reports.ts';
import type { Logger } from '../../core/runtime/logger.ts';
import type { ObjectStore } from '../../core/runtime/ports.ts';
import type { Consumer, ConsumerStatus } from '../../core/streams/consumer.ts';
import type { ConsumerLimits } from '../../core/streams/limits.ts';
import type { RecordProcessorFactory } from '../../core/streams/processor.ts';

/** What reading notifications needs, whoever does it. */
export interface ReadingParts {
  readonly settings: Settings;
  readonly client: KinesisClient;
  readonly staging: ObjectStore;
  readonly factory: RecordProcessorFactory;
  readonly paces: Partial<ConsumerLimits>;
  readonly logger: Logger;
}

/** How notifications are read: by this process alone, or together with others. */
export interface Reading extends Pick<Consumer, 'done'> {
  /** of all shards, whoever reads them */
  status(): Promise<ConsumerStatus>;
  /** What the stage has done by a time; null where another worker tells. @param before the stage's last report */
  report(at: number, before: Report | null): Promise<Report | null>;
  /** Has done what only one worker may do, whenever that is this one, until stopped. */
  alone(work: (signal: AbortSignal) => Promise<void>): Promise<void>;
  /** Finishes what is being worked on. */
  stop(): Promise<void>;
}
