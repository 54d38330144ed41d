import { createServer } from 'node:net';
import { LazuliError } from '../../config/errors.ts';

const host = '127.0.0.1';

/** Whether nothing listens on that port of the loopback interface. */
export function isFree(port: number): Promise<boolean> {
  return listen(port).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') return false;
      throw error;
    },
  );
}

/** A port that was free a moment ago. */
export const freePort = (): Promise<number> => listen(0);

/** @throws LazuliError `in_use`, `configuration_invalid` where the port is not allowed */
export async function requireFree(port: number, purpose: string): Promise<void> {
  const free = await isFree(port).catch((cause: NodeJS.ErrnoException) => {
    throw new LazuliError(
      'configuration_invalid',
      `Port ${port}, for ${purpose}, can't be listened on: ${cause.message}`,
      {
        remedy: 'Choose another one with --port.',
        cause,
      },
    );
  });
  if (free) return;
  throw new LazuliError('in_use', `Port ${port}, for ${purpose}, is taken by another process.`, {
    remedy: 'Choose another one with --port, or end the process that listens there.',
  });
}

function listen(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : port));
    });
  });
}
