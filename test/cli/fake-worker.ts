import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What answers in the place of a worker. */
export interface FakeWorker extends Disposable {
  readonly port: number;
  readonly url: string;
}

/** Starts one on the loopback interface. */
export async function fakeWorker(answer: RequestListener): Promise<FakeWorker> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { port, url: `http://127.0.0.1:${port}`, [Symbol.dispose]: close };
}
