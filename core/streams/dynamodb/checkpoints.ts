import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Environment } from '../../config/environment.ts';
import { LazuliError } from '../../config/errors.ts';
import { clientOptions } from '../../storage/aws.ts';
import { asked, type TablePlace } from '../../storage/dynamodb/asked.ts';
import { type CheckpointStore, shardEnd } from '../checkpoints.ts';
import { checkName } from '../names.ts';
import type { StreamIdentity } from '../source.ts';

/** Sequence numbers have at most so many digits. Filled up, they compare as texts; `SHARD_END` comes after all. */
const digits = 128;

/** Where the table is, and whose checkpoints these are. */
export interface CheckpointsPlace extends TablePlace {
  /** tells the consumers of a stream apart */
  readonly stage: string;
}

/**
 * Checkpoints as items of a table: their `key` is `checkpoints/<stage>/<stream>`, their `name` the shard. They only move
 * on: a superseded process that doesn't know it yet can't put one back.
 */
export class CheckpointTable implements CheckpointStore {
  readonly #client: DynamoDBClient;
  readonly #table: string;
  readonly #stage: string;

  constructor({ table, stage, ...place }: CheckpointsPlace, environment: Environment = process.env) {
    this.#client = new DynamoDBClient(clientOptions({ service: 'DYNAMODB', ...place }, environment));
    this.#table = table;
    this.#stage = stage;
  }

  async get(stream: StreamIdentity, shardId: string): Promise<string | null> {
    const Key = this.#key(stream, shardId);
    const command = new GetItemCommand({ TableName: this.#table, Key, ConsistentRead: true });
    const { Item } = await this.#asked(() => this.#client.send(command));
    return Item?.created?.N === String(stream.created) ? (Item.checkpoint?.S ?? null) : null;
  }

  /** @throws LazuliError also `lease_lost` where another process has put a later one */
  async put(stream: StreamIdentity, shardId: string, checkpoint: string): Promise<void> {
    const position = checkpoint === shardEnd ? checkpoint : checkpoint.padStart(digits, '0');
    const command = new PutItemCommand({
      TableName: this.#table,
      Item: {
        ...this.#key(stream, shardId),
        created: { N: String(stream.created) },
        position: { S: position },
        checkpoint: { S: checkpoint },
      },
      ConditionExpression:
        'attribute_not_exists(#key) OR #created < :created OR (#created = :created AND #position <= :position)',
      ExpressionAttributeNames: { '#key': 'key', '#created': 'created', '#position': 'position' },
      ExpressionAttributeValues: { ':created': { N: String(stream.created) }, ':position': { S: position } },
    });
    await this.#asked(() => this.#client.send(command));
  }

  close(): void {
    this.#client.destroy();
  }

  #key(stream: StreamIdentity, shardId: string) {
    const key = `checkpoints/${this.#stage}/${checkName('stream', stream.name)}`;
    return { key: { S: key }, name: { S: checkName('shard', shardId) } };
  }

  #asked<T>(request: () => Promise<T>): Promise<T> {
    return asked(this.#table, async () => {
      try {
        return await request();
      } catch (cause) {
        if (!(cause instanceof ConditionalCheckFailedException)) throw cause;
        throw new LazuliError('lease_lost', 'Another process has checkpointed a later record of this shard.', {
          remedy: 'Run one process of a stage: this one stops.',
          cause,
        });
      }
    });
  }
}
