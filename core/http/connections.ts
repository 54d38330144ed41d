import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Bounds the connections of a server. Where there are too many, the one goes that has been waiting for its client the longest: it is
 * silent, between two requests, in the middle of one, or takes an answer slowly. So clients that do nothing keep nobody out.
 * Where the server works on a request of each, the newest goes.
 */
export class Connections {
  /** in the order in which they began to wait for their clients */
  readonly #idle = new Set<Socket>();

  constructor(server: Server, most: number) {
    let open = 0;
    server.on('connection', (socket) => {
      open++;
      this.#idle.add(socket);
      socket.once('close', () => {
        open--;
        this.#idle.delete(socket);
      });
      if (open > most) this.#closeOne();
    });
  }

  /** Works on a request, whose connection is not one that can go, once the whole request is here. */
  async busy(request: IncomingMessage, work: () => Promise<unknown>): Promise<void> {
    const { socket } = request;
    const begin = () => this.#idle.delete(socket);
    begin();
    if (hasBody(request)) {
      this.#idle.add(socket);
      request.once('end', begin);
    }
    try {
      await work();
    } finally {
      request.off('end', begin);
      begin();
      if (!socket.destroyed) this.#idle.add(socket);
    }
  }

  #closeOne(): void {
    const [longest] = this.#idle;
    if (longest === undefined) return;
    this.#idle.delete(longest);
    longest.destroy();
  }
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
