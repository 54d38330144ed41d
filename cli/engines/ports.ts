import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { LazuliError } from '../../core/config/errors.ts';
import { portHolder, shownProcess } from './holders.ts';

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

/** Both ends belong to it. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/**
 * Below those that systems give to outgoing connections and to whoever asks for any port (from 32768
 * on Linux, 49152 elsewhere), so that nobody gets one between its choice and its use.
 */
const ordinary: PortRange = { first: 20_000, last: 32_767 };

/**
 * A port that was free a moment ago: anywhere in the range, so that two who look for one at a time
 * seldom get the same.
 *
 * @throws LazuliError `in_use` when all are taken
 */
export async function freePort({ first, last }: PortRange = ordinary): Promise<number> {
  const count = last - first + 1;
  const offset = randomInt(count);
  for (let i = 0; i < count; i++) {
    const port = first + ((offset + i) % count);
    if (await isFree(port)) return port;
  }
  throw new LazuliError('in_use', `All ports from ${first} to ${last} are taken.`, {
    remedy: 'End some of the processes that listen there.',
  });
}

/** As many as asked for, none twice, none of those. */
export async function freePorts(count: number, except: readonly number[]): Promise<readonly number[]> {
  const found = new Set<number>();
  while (found.size < count) {
    const port = await freePort();
    if (!except.includes(port)) found.add(port);
  }
  return [...found];
}

/** A port that is free, and so is the next one: the service takes one, the indexer's endpoint the other. */
export async function freePair(): Promise<number> {
  for (;;) {
    const port = await freePort();
    if (await isFree(port + 1)) return port;
  }
}

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
  const holder = portHolder(port);
  throw new LazuliError('in_use', `Port ${port}, for ${purpose}, is taken by another process.`, {
    remedy: `Choose another one with --port, or end ${holder === null ? 'the process' : shownProcess(holder)} that listens there.`,
  });
}

function listen(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host, exclusive: true }, () => {
      server.close(() => resolve());
    });
  });
}
