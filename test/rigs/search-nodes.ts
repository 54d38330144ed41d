import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Membership, OpenSearch } from '../../cli/engines/opensearch.ts';
import { freePorts } from '../../cli/engines/ports.ts';
import { folderUntilEnd, startTestServer } from './engines.ts';

/** OpenSearch nodes of one cluster, each a process of its own. */
export interface SearchNodes extends AsyncDisposable {
  /** The first one is elected manager: the others may be stopped, or killed, and the cluster goes on. */
  readonly nodes: readonly OpenSearch[];
  /** Starts one more, with data of its own, that joins. */
  add(): Promise<OpenSearch>;
}

/**
 * Starts that many nodes of a fresh cluster on the loopback interface. When it resolves, the last one knows all of them, and
 * requests may be sent to any.
 */
export async function startSearchNodes(count: number): Promise<SearchNodes> {
  const cluster = `lazuli-nodes-${randomBytes(6).toString('hex')}`;
  const folder = folderUntilEnd(`${cluster}-`);
  const nodes: OpenSearch[] = [];
  let first: number | undefined;
  const add = async () => {
    const [port = 0] = await freePorts(1, []);
    const member: Membership = first === undefined ? { port } : { port, joins: first };
    const node = await startTestServer(join(folder, `node-${nodes.length}`), cluster, member);
    first ??= port;
    nodes.push(node);
    return node;
  };
  const stop = async () => {
    for (const { child } of nodes.toReversed()) await child.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    while (nodes.length < count) await add();
  } catch (error) {
    await stop();
    throw error;
  }
  return { nodes, add, [Symbol.asyncDispose]: stop };
}
