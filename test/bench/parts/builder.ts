import { parseSettings } from '../../../core/config/settings.ts';
import { noLogger } from '../../../core/runtime/logger.ts';
import { startBuilder } from '../../../transform/builder-worker.ts';
import { actionOf, itemsOf } from '../../../transform/sink/body.ts';
import type { SearchCluster } from '../../../transform/sink/search-cluster.ts';
import { keepNurserySmall } from '../../../transform/store/heap.ts';
import { answer } from '../machine/part.ts';
import { deployment } from '../sections/ready.ts';
import { catalog } from '../staging.ts';

/** A builder. */
export type BuilderPart = {
  /** Begins to ask. @param argument `opensearch` null: what it writes is thrown away */
  readonly start: (argument: {
    port: number;
    staging: string;
    state: string;
    opensearch: string | null;
  }) => Promise<null>;
};

const methods: BuilderPart = {
  async start({ port, staging, state, opensearch }) {
    keepNurserySmall();
    const plugins = { metadata: { name: 'hca' }, repository: { name: 'canned', folder: staging } };
    const input = {
      deployment,
      folders: { staging, state, deadLetters: `${state}/dead-letters` },
      opensearch: { url: opensearch ?? 'http://127.0.0.1:9' },
      kinesis: {},
      http: { transform: port, builder: 0 },
      hmacKeyFile: `${state}/none`,
      catalogs: { [catalog]: { atlas: 'hca', plugins, sources: [] } },
    };
    const settings = parseSettings(input, 'the settings of the benchmark');
    const pace = { idle: 50 };
    await startBuilder(settings, {
      ...{ logger: noLogger, pace },
      ...(opensearch === null && { cluster: nowhere }),
    });
    return null;
  },
};

/** Takes everything and keeps nothing. */
const nowhere: SearchCluster = {
  async request(_method, _path, body) {
    if (!Buffer.isBuffer(body)) throw new Error('The benchmark sends only documents');
    const items = itemsOf({ bytes: body, items: linesOf(body) / 2 });
    return { status: 200, body: { items: items.map((item) => ({ index: { _id: actionOf(item)._id, status: 201 } })) } };
  },
  close: async () => undefined,
};

function linesOf(body: Buffer): number {
  let lines = 0;
  for (let at = body.indexOf(10); at >= 0; at = body.indexOf(10, at + 1)) lines++;
  return lines;
}

export const run = (): void => answer(methods);
