import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { type Asked, allows } from './iam.ts';
import type { Statement } from './policies.ts';

/** A way to the emulator of AWS on which the policy of a role is enforced. */
export interface Gate extends AsyncDisposable {
  readonly endpoint: string;
  /** actions that were allowed */
  readonly used: ReadonlySet<string>;
  /** what was refused */
  readonly refused: readonly Asked[];
}

/**
 * Passes on what statements allow, and answers the rest as AWS does: also that what isn't there is forbidden, to who may not
 * list the bucket. Keys of KMS are not looked at.
 *
 * @param tableArn of a table by its name
 */
export async function openGate(
  emulator: string,
  statements: readonly Statement[],
  tableArn: (name: string) => string,
): Promise<Gate> {
  const [used, refused] = [new Set<string>(), [] as Asked[]];
  const server = createServer(async (incoming, outgoing) => {
    const body = await buffer(incoming);
    const asked = incoming.headers['x-amz-target'] === undefined ? inS3(incoming) : inTable(incoming, body, tableArn);
    const refuse = (what: Asked): void => {
      refused.push(what);
      outgoing.writeHead(403, { 'content-type': 'text/plain' }).end();
    };
    if (!allows(statements, asked)) return refuse(asked);
    used.add(asked.action);
    const { method, url, headers } = incoming;
    const passed = request(new URL(url ?? '/', emulator), { method: method ?? 'GET', headers }, (answer) => {
      const bucket = asked.resource.split('/')[0] ?? '';
      const listing = { action: 's3:ListBucket', resource: bucket };
      const isAbsent = answer.statusCode === 404 && asked.action === 's3:GetObject';
      if (isAbsent && !allows(statements, listing)) {
        answer.resume();
        return refuse(listing);
      }
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      return answer.pipe(outgoing);
    });
    passed.once('error', () => outgoing.destroy());
    passed.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    used,
    refused,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function inS3({ method = 'GET', url = '/' }: IncomingMessage): Asked {
  const { pathname, searchParams } = new URL(url, 'http://emulator');
  const [bucket = '', ...parts] = decodeURIComponent(pathname.slice(1)).split('/');
  const arn = `arn:aws:s3:::${bucket}`;
  const key = parts.join('/');
  if (key === '')
    return { action: 's3:ListBucket', resource: arn, context: { 's3:prefix': searchParams.getAll('prefix') } };
  const deletes = searchParams.has('uploadId') ? 's3:AbortMultipartUpload' : 's3:DeleteObject';
  const reads = searchParams.has('versionId') ? 's3:GetObjectVersion' : 's3:GetObject';
  const actions: Readonly<Record<string, string>> = { GET: reads, HEAD: reads, DELETE: deletes };
  return { action: actions[method] ?? 's3:PutObject', resource: `${arn}/${key}` };
}

interface TableRequest {
  readonly TableName: string;
  readonly Key?: { readonly key: { readonly S: string } };
  readonly Item?: { readonly key: { readonly S: string } };
  readonly ExpressionAttributeValues?: Readonly<Record<string, { readonly S: string }>>;
}

function inTable({ headers }: IncomingMessage, body: Buffer, tableArn: (name: string) => string): Asked {
  const [, action = ''] = String(headers['x-amz-target']).split('.');
  const { TableName, Key, Item, ExpressionAttributeValues } = JSON.parse(body.toString()) as TableRequest;
  const leading = (Key ?? Item)?.key.S ?? ExpressionAttributeValues?.[':key']?.S;
  const context = leading === undefined ? {} : { 'dynamodb:LeadingKeys': [leading] };
  return { action: `dynamodb:${action}`, resource: tableArn(TableName), context };
}
