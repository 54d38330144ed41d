import type { KinesisClient } from '@aws-sdk/client-kinesis';
import type { Random } from '../runtime/backoff.ts';
import { systemClock } from '../runtime/clock.ts';
import type { Clock } from '../runtime/ports.ts';
import { type ConsumerLimits, defaultLimits } from './limits.ts';
import { ShardPages } from './shard-pages.ts';
import { ShardReader } from './shard-reader.ts';
import { kinesisSource, type StreamIdentity, type StreamSource } from './source.ts';

/** Which stream is read, with what, and how. */
export interface ReadingOptions extends Partial<Pick<ConsumerLimits, 'pollMillis' | 'recordsPerRead'>> {
  readonly client: KinesisClient;
  readonly stream: string;
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
}

/** A stream as the consumers of a process read it together: each shard once, as far as they are at the same place. */
export class Reading {
  readonly source: StreamSource;
  readonly #options: ReadingOptions;
  /** which stream of that name the shards are of */
  #created = 0;
  readonly #shards = new Map<string, ShardPages>();

  constructor(options: ReadingOptions) {
    this.#options = options;
    this.source = kinesisSource(options.client, options.stream);
  }

  /** A reader that goes on after a sequence number, or with the oldest record; to be closed. */
  shard({ created }: StreamIdentity, shardId: string, position: string | null): ShardReader {
    if (created !== this.#created) this.#shards.clear();
    this.#created = created;
    for (const [known, pages] of this.#shards) if (pages.readers === 0) this.#shards.delete(known);
    const pages = this.#shards.get(shardId) ?? this.#pages(shardId);
    this.#shards.set(shardId, pages);
    return new ShardReader(pages, position);
  }

  #pages(shardId: string): ShardPages {
    const { clock = systemClock, random = Math.random } = this.#options;
    const { pollMillis, recordsPerRead } = { ...defaultLimits, ...this.#options };
    return new ShardPages({ source: this.source, shardId, clock, random, pollMillis, recordsPerRead });
  }
}
