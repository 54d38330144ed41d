import { once } from 'node:events';
import { createServer, type Http2ServerRequest, type Http2Session } from 'node:http2';
import { type AddressInfo, connect, createServer as createNetServer, type Server, type Socket } from 'node:net';

/** An answer of Kinesis as far as the proxy looks at it. */
interface Answer {
  readonly ShardIterator?: string;
  readonly NextShardIterator?: string | null;
  readonly Shards?: readonly Shard[];
}
interface Shard {
  readonly ShardId: string;
  readonly ParentShardId?: string;
  readonly AdjacentParentShardId?: string;
  readonly HashKeyRange: object;
}

/** How a client begins that speaks HTTP/2 without asking (RFC 9113, 3.4). */
const preface = 'PRI ';

/** For the process of the library: the proxy reads JSON. */
export const libraryVariables = { CBOR_ENABLED: 'false' };

/**
 * The emulator as the Kinesis Client Library wants it: by HTTP/2 without TLS, which the library speaks without asking; and
 * with the children of a shard at its end, without which it doesn't believe in that. Other clients get the emulator as it is.
 */
export async function startHttp2Proxy(emulator: string): Promise<AsyncDisposable & { readonly url: string }> {
  const sessions = new Set<Http2Session>();
  /** the shard and stream of each iterator that was given */
  const iterators = new Map<string, { readonly stream: string; readonly shard: string }>();

  const ask = (target: string, body: string, headers: Record<string, string>) =>
    fetch(emulator, { method: 'POST', body, headers: { ...headers, 'x-amz-target': target } });

  async function passOn(asked: Http2ServerRequest) {
    const chunks: Buffer[] = [];
    for await (const chunk of asked) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const headers: Record<string, string> = {};
    for (const name of ['authorization', 'content-type', 'x-amz-date', 'x-amz-content-sha256'])
      if (typeof asked.headers[name] === 'string') headers[name] = asked.headers[name];
    const target = String(asked.headers['x-amz-target']);
    const given = await ask(target, body, headers);
    const text = await given.text();
    return { status: given.status, text: given.ok ? await completed(target, JSON.parse(body), text, headers) : text };
  }

  async function completed(
    target: string,
    asked: Record<string, string>,
    text: string,
    headers: Record<string, string>,
  ) {
    const answer = text === '' ? {} : (JSON.parse(text) as Answer);
    const { StreamName: stream = '', ShardId: shard = '', ShardIterator: iterator = '' } = asked;
    if (answer.ShardIterator !== undefined) iterators.set(answer.ShardIterator, { stream, shard });
    if (!target.endsWith('.GetRecords')) return text;
    const place = iterators.get(iterator);
    if (place === undefined) return text;
    if (typeof answer.NextShardIterator === 'string') {
      iterators.set(answer.NextShardIterator, place);
      return text;
    }
    const listed = await ask('Kinesis_20131202.ListShards', JSON.stringify({ StreamName: place.stream }), headers);
    const { Shards = [] } = (await listed.json()) as Answer;
    const ChildShards = Shards.flatMap(({ ShardId, ParentShardId, AdjacentParentShardId, HashKeyRange }) => {
      const ParentShards = [ParentShardId, AdjacentParentShardId].filter((parent) => parent !== undefined);
      return ParentShards.includes(place.shard) ? [{ ShardId, ParentShards, HashKeyRange }] : [];
    });
    return JSON.stringify({ ...answer, ChildShards });
  }

  const server = createServer((asked, answer) => {
    passOn(asked).then(
      ({ status, text }) => answer.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(text),
      () => answer.stream?.close(),
    );
  });
  server.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
  });
  const inner = await listening(server);
  const sockets = new Set<Socket>();
  const door = createNetServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.once('data', (first: Buffer) => {
      const isHttp2 = first.toString('latin1', 0, preface.length) === preface;
      passRaw(socket, first, isHttp2 ? inner : Number(new URL(emulator).port));
    });
  });
  const port = await listening(door);
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      for (const session of sessions) session.destroy();
      for (const socket of sockets) socket.destroy();
      server.close();
      door.close();
      await once(door, 'close');
    },
  };
}

/** @returns its port */
async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function passRaw(socket: Socket, first: Buffer, port: number): void {
  const passed = connect(port, '127.0.0.1');
  passed.on('error', () => socket.destroy());
  socket.once('close', () => passed.destroy());
  passed.write(first);
  socket.pipe(passed).pipe(socket);
}
