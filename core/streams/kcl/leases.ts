import { type AttributeValue, DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { Environment } from '../../config/environment.ts';
import { clientOptions } from '../../storage/aws.ts';
import { asked, type TablePlace } from '../../storage/dynamodb/asked.ts';
import { checkpointOf } from './protocol.ts';

/** A shard as the Kinesis Client Library has it in its table. */
export interface ShardLease {
  readonly shardId: string;
  /** null where no worker has it */
  readonly worker: string | null;
  /** null before the first */
  readonly checkpoint: string | null;
}

/** A shard has one item; no stream has so many shards. */
const mostPages = 1_000;

/** The table of leases of an application of the Kinesis Client Library 3, which it makes itself and names after the application. */
export class LeaseTable {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor({ table, ...place }: TablePlace, environment: Environment = process.env) {
    this.#client = new DynamoDBClient(clientOptions({ service: 'DYNAMODB', ...place }, environment));
    this.#table = table;
  }

  /** @throws LazuliError `staging_unavailable`, also before a worker has made the table */
  async all(): Promise<readonly ShardLease[]> {
    const found: ShardLease[] = [];
    let from: Record<string, AttributeValue> | undefined;
    for (let page = 0; page < mostPages; page++) {
      const scan = {
        TableName: this.#table,
        ConsistentRead: true,
        ...(from === undefined ? {} : { ExclusiveStartKey: from }),
      };
      const { Items = [], LastEvaluatedKey } = await asked(this.#table, () => this.#client.send(new ScanCommand(scan)));
      found.push(...Items.flatMap(leaseOf));
      from = LastEvaluatedKey;
      if (from === undefined) break;
    }
    return found.toSorted((a, b) => (a.shardId < b.shardId ? -1 : 1));
  }

  close(): void {
    this.#client.destroy();
  }
}

function leaseOf({ leaseKey, leaseOwner, checkpoint }: Record<string, AttributeValue>): readonly ShardLease[] {
  if (leaseKey?.S === undefined) return [];
  return [{ shardId: leaseKey.S, worker: leaseOwner?.S ?? null, checkpoint: checkpointOf(checkpoint?.S) }];
}
