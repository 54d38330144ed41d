import { readdirSync, readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { cloneOnly, metadataPlugin } from '../../../plugins/registry.ts';
import { createGeneration, dropGeneration, refreshGeneration } from '../../../transform/generations/indices.ts';
import { openSearchCluster } from '../../../transform/sink/search-cluster.ts';
import { defaultLimits } from '../../rigs/default-limits.ts';
import { answer } from '../machine/part.ts';
import { catalog } from '../staging.ts';

interface Where {
  readonly opensearch: string;
  readonly deployment: string;
  readonly generation: number;
}

/** The least that a client can do: it has the bodies in memory and sends them. */
export type BarePart = {
  readonly read: (argument: { folder: string }) => Promise<{ bodies: number; bytes: number }>;
  /** Creates the indices that the bodies name. */
  readonly prepare: (argument: Where) => Promise<null>;
  /** Sends everything and refreshes. */
  readonly send: (argument: Where) => Promise<null>;
  readonly clear: (argument: Where) => Promise<null>;
};

let bodies: Buffer[] = [];
const agent = new Agent({ keepAlive: true, maxSockets: defaultLimits.bulkConcurrency });

const methods: BarePart = {
  async read({ folder }) {
    const files = readdirSync(folder).sort();
    bodies = files.map((file) => readFileSync(join(folder, file)));
    return { bodies: bodies.length, bytes: bodies.reduce((sum, { length }) => sum + length, 0) };
  },
  async prepare(where) {
    return withGenerations(where, (of) => createGeneration(of, where.generation));
  },
  async send(where) {
    const url = new URL('/_bulk?filter_path=errors', where.opensearch);
    const queue = bodies.values();
    const work = async (): Promise<void> => {
      for (const body of queue) await post(url, body);
    };
    await Promise.all(Array.from({ length: defaultLimits.bulkConcurrency }, work));
    return withGenerations(where, (of) => refreshGeneration(of, where.generation));
  },
  async clear(where) {
    const indices = `lazuli_${where.deployment}_${catalog}_*_g${where.generation}`;
    const number = where.generation;
    return withGenerations(where, (of) => dropGeneration(of, { number, serves: false, indices: [indices] }));
  },
};

/** @throws Error when an item was refused: then the work was not the same */
function post(url: URL, body: Buffer): Promise<void> {
  const headers = { 'Content-Type': 'application/x-ndjson', 'Content-Length': body.length };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        if (text === '{"errors":false}') resolve();
        else reject(new Error(`The server answered ${response.statusCode} ${text.slice(0, 300)}`));
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

async function withGenerations(
  { opensearch, deployment }: Where,
  work: (of: Parameters<typeof createGeneration>[0]) => Promise<void>,
): Promise<null> {
  const cluster = openSearchCluster(opensearch);
  try {
    await work({ cluster, deployment, catalog, plugin: await metadataPlugin('hca', cloneOnly) });
    return null;
  } finally {
    await cluster.close();
  }
}

export const run = (): void => answer(methods);
