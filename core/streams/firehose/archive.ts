import { FirehoseClient, PutRecordBatchCommand } from '@aws-sdk/client-firehose';
import type { Environment } from '../../config/environment.ts';
import { LazuliError } from '../../config/errors.ts';
import { type Backoff, fullJitter } from '../../runtime/backoff.ts';
import { systemClock } from '../../runtime/clock.ts';
import type { Clock } from '../../runtime/ports.ts';
import { clientOptions } from '../../storage/aws.ts';
import type { Archive } from '../archive.ts';
import { requestsOf } from './batches.ts';

const backoff: Backoff = { baseMillis: 100, capMillis: 5_000 };
/** Then the caller gets the error. It keeps its work and tries again as long as it takes. */
const maxAttempts = 5;

/** Where a delivery stream is. */
export interface DeliveryPlace {
  readonly region: string;
  readonly endpoint?: string | undefined;
  readonly stream: string;
}

/** A delivery stream of Firehose. Of a request that failed in part, only what failed is put again. */
export class FirehoseArchive implements Archive {
  readonly #client: FirehoseClient;
  readonly #stream: string;
  readonly #clock: Clock;

  constructor({ stream, ...place }: DeliveryPlace, environment: Environment = process.env, clock = systemClock) {
    this.#client = new FirehoseClient(clientOptions({ service: 'FIREHOSE', ...place }, environment));
    this.#stream = stream;
    this.#clock = clock;
  }

  async put(records: readonly Uint8Array[]): Promise<void> {
    for (const request of requestsOf(records)) await this.#putAll(request);
  }

  close(): void {
    this.#client.destroy();
  }

  async #putAll(request: readonly Uint8Array[]): Promise<void> {
    let left = request;
    for (let attempt = 1; ; attempt++) {
      const { failed, why } = await this.#attempt(left);
      if (failed.length === 0) return;
      if (attempt === maxAttempts) throw unavailable(this.#stream, why);
      left = failed;
      await this.#clock.sleep(fullJitter(attempt, backoff, Math.random));
    }
  }

  async #attempt(records: readonly Uint8Array[]): Promise<{ failed: readonly Uint8Array[]; why: unknown }> {
    const Records = records.map((Data) => ({ Data }));
    const command = new PutRecordBatchCommand({ DeliveryStreamName: this.#stream, Records });
    try {
      const { RequestResponses: outcomes = [] } = await this.#client.send(command);
      const failed = records.filter((_, at) => outcomes[at]?.RecordId === undefined);
      return { failed, why: outcomes.find(({ ErrorCode }) => ErrorCode !== undefined)?.ErrorMessage };
    } catch (why) {
      return { failed: records, why };
    }
  }
}

function unavailable(stream: string, why: unknown): LazuliError {
  const reason = why instanceof Error ? `${why.name}: ${why.message}` : String(why ?? 'no reason given');
  return new LazuliError('stream_unavailable', `The delivery stream '${stream}' takes no records: ${reason}`, {
    remedy: 'Check its name, and that this process may put records; work goes on by itself.',
    ...(why instanceof Error ? { cause: why } : {}),
  });
}
