import { gunzipSync, gzipSync } from 'node:zlib';
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import type { Environment } from '../../config/environment.ts';
import type { Records } from '../../runtime/ports.ts';
import { clientOptions } from '../aws.ts';
import { checkKey, checkPrefix } from '../keys.ts';
import { asked, type TablePlace } from './asked.ts';

/**
 * Small objects as items of a table, compressed, which may take 400 KB then. What comes before the last slash of a key
 * is the item's `key`, after `records/`; the rest is its `name`. So what one folder holds can be listed, but not what
 * folders in it do.
 *
 * All methods throw LazuliError: `configuration_invalid` for a key that can't be one, `staging_unavailable` when DynamoDB
 * refuses or doesn't answer.
 */
export class RecordTable implements Records {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor({ table, ...place }: TablePlace, environment: Environment = process.env) {
    this.#client = new DynamoDBClient(clientOptions({ service: 'DYNAMODB', ...place }, environment));
    this.#table = table;
  }

  async put(key: string, value: Uint8Array): Promise<void> {
    const command = new PutItemCommand(this.#item(key, value));
    await asked(this.#table, () => this.#client.send(command));
  }

  async putIfAbsent(key: string, value: Uint8Array): Promise<boolean> {
    const names = { '#key': 'key' };
    const condition = { ConditionExpression: 'attribute_not_exists(#key)', ExpressionAttributeNames: names };
    const command = new PutItemCommand({ ...this.#item(key, value), ...condition });
    return asked(this.#table, async () => {
      try {
        await this.#client.send(command);
        return true;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false;
        throw error;
      }
    });
  }

  async get(key: string): Promise<Uint8Array | null> {
    const command = new GetItemCommand({ TableName: this.#table, Key: keyOf(checkKey(key)), ConsistentRead: true });
    const { Item } = await asked(this.#table, () => this.#client.send(command));
    return Item?.value?.B === undefined ? null : gunzipSync(Item.value.B);
  }

  async delete(key: string): Promise<void> {
    const command = new DeleteItemCommand({ TableName: this.#table, Key: keyOf(checkKey(key)) });
    await asked(this.#table, () => this.#client.send(command));
  }

  async *list(prefix: string): AsyncGenerator<string> {
    const { folder, name } = split(checkPrefix(prefix));
    const named = name === '' ? '' : ' AND begins_with(#name, :name)';
    const query = {
      TableName: this.#table,
      ConsistentRead: true,
      KeyConditionExpression: `#key = :key${named}`,
      ProjectionExpression: '#name',
      ExpressionAttributeNames: { '#key': 'key', '#name': 'name' },
      ExpressionAttributeValues: { ':key': { S: recordsOf(folder) }, ...(name === '' ? {} : { ':name': { S: name } }) },
    };
    let from: Record<string, AttributeValue> | undefined;
    do {
      const command = new QueryCommand(from === undefined ? query : { ...query, ExclusiveStartKey: from });
      const { Items, LastEvaluatedKey } = await asked(this.#table, () => this.#client.send(command));
      for (const item of Items ?? []) yield folder + (item.name?.S ?? '');
      from = LastEvaluatedKey;
    } while (from !== undefined);
  }

  close(): void {
    this.#client.destroy();
  }

  #item(key: string, value: Uint8Array) {
    return { TableName: this.#table, Item: { ...keyOf(checkKey(key)), value: { B: gzipSync(value) } } };
  }
}

/** A folder's path ends with a slash, unless it is empty. */
function split(key: string): { readonly folder: string; readonly name: string } {
  const slash = key.lastIndexOf('/') + 1;
  return { folder: key.slice(0, slash), name: key.slice(slash) };
}

function keyOf(key: string): Record<'key' | 'name', AttributeValue> {
  const { folder, name } = split(key);
  return { key: { S: recordsOf(folder) }, name: { S: name } };
}

const recordsOf = (folder: string): string => `records/${folder}`;
