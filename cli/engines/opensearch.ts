import { statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { LazuliError } from '../../core/config/errors.ts';
import { makeFolder } from '../../core/config/folder.ts';
import { authorized, withSlash } from '../../core/http/ask.ts';
import { Child } from './child.ts';
import { lockHolder, shownProcess } from './holders.ts';
import { obtainJars } from './jars.ts';
import { requireJava } from './java.ts';
import { openSearchEngine } from './java-engines.ts';
import { freePort, type PortRange } from './ports.ts';

/** The runner takes no HTTP port beyond this one. */
const ports: PortRange = { first: 9201, last: 9299 };
const attempts = 5;
const startMillis = 120_000;
const pollMillis = 100;
/** Where OpenSearch stops writing, in bytes of free disk; the flood stage makes indices read-only. */
const watermarks = { low: 1000, high: 750, flood: 500 };

export interface OpenSearchOptions {
  /** absolute; configuration, data and temporary files of the server */
  readonly folder: string;
  readonly log: string;
  /** names the cluster: no two servers of one machine may share it */
  readonly cluster: string;
  /** MiB, 384 to 1024 will do */
  readonly heap: number;
  readonly say: (line: string) => void;
  /** a text for its command line, by which whoever comes next can find it */
  readonly mark?: string;
  /** called as soon as the process exists */
  readonly started?: (child: Child) => void;
  /** absent: it is the only node of its cluster */
  readonly member?: Membership;
}

/** A node of a cluster of several: ports at which nodes talk to each other. */
export interface Membership {
  readonly port: number;
  /** of a node that is there already; absent: this one begins the cluster */
  readonly joins?: number;
}

export interface OpenSearch {
  readonly url: string;
  readonly child: Child;
}

/**
 * Starts an OpenSearch server of one node on the loopback interface and waits until it can serve.
 *
 * @throws LazuliError `engine_missing`, `index_unavailable`
 */
export async function startOpenSearch(options: OpenSearchOptions): Promise<OpenSearch> {
  requireJava(openSearchEngine);
  const jars = await obtainJars(openSearchEngine, options.say);
  requireDisk(options.folder);
  requireUnheld(options.folder);
  configure(options);
  for (let attempt = 1; ; attempt++) {
    const port = await freePort(ports);
    const child = await Child.start(command(options, jars, port));
    options.started?.(child);
    const url = `http://127.0.0.1:${port}`;
    const outcome = await waitFor(url, options.cluster, child);
    if (outcome === 'up') return { url, child };
    await child.stop();
    if (outcome === 'failed' || attempt === attempts) throw notStarted(child);
  }
}

/** @throws LazuliError `index_unavailable` when the disk is so full that indices would be read-only */
function requireDisk(folder: string): void {
  makeFolder(folder);
  const { bavail, bsize } = statfsSync(folder);
  const free = Math.floor((bavail * bsize) / 2 ** 20);
  if (free > watermarks.low) return;
  throw new LazuliError('index_unavailable', `The disk that holds ${folder} is full: ${free} MiB are free.`, {
    remedy: `Free some space: OpenSearch needs ${watermarks.low} MiB, and makes its indices read-only below ${watermarks.flood} MiB; or put the data elsewhere with --data.`,
  });
}

/** @throws LazuliError `in_use` when another server has that data: this one would not start, and not say so */
function requireUnheld(folder: string): void {
  const holder = lockHolder(join(folder, 'data', 'nodes', '0', 'node.lock'));
  if (holder === null) return;
  throw new LazuliError('in_use', `The data of OpenSearch in ${folder} is in use by ${shownProcess(holder)}.`, {
    remedy: `End that process (\`kill ${holder.pid}\`), or choose another folder with --data.`,
  });
}

/** The server's configuration is ours and the same at each start. */
function configure({ folder, member }: OpenSearchOptions): void {
  const config = join(folder, 'config');
  makeFolder(config);
  makeFolder(join(folder, 'tmp'));
  const disk = 'cluster.routing.allocation.disk.watermark';
  writeFileSync(
    join(config, 'opensearch.yml'),
    [
      'network.host: 127.0.0.1',
      ...discovery(member),
      'action.auto_create_index: false',
      // Percentages, the default, stop writing on a big disk with a lot of space left.
      `${disk}.low: ${watermarks.low}mb`,
      `${disk}.high: ${watermarks.high}mb`,
      `${disk}.flood_stage: ${watermarks.flood}mb`,
      '',
    ].join('\n'),
  );
  writeFileSync(
    join(config, 'log4j2.properties'),
    [
      'status = error',
      'appender.console.type = Console',
      'appender.console.name = console',
      'appender.console.layout.type = PatternLayout',
      'appender.console.layout.pattern = %d{ISO8601} %-5p %c{1.} %m%n',
      'rootLogger.level = warn',
      'rootLogger.appenderRef.console.ref = console',
      '',
    ].join('\n'),
  );
}

/** The runner calls the node of each process the same. */
function discovery(member: Membership | undefined): readonly string[] {
  if (member === undefined) return ['discovery.type: single-node'];
  const { port, joins } = member;
  const begins = joins === undefined ? ['cluster.initial_cluster_manager_nodes: ["Node 1"]'] : [];
  return [`transport.port: ${port}`, `discovery.seed_hosts: ["127.0.0.1:${joins ?? port}"]`, ...begins];
}

function command({ folder, log, cluster, heap, mark }: OpenSearchOptions, jars: string, port: number) {
  const at = (name: string): string => join(folder, name);
  return {
    name: 'opensearch',
    command: 'java',
    args: [
      `-Xms${heap}m`,
      `-Xmx${heap}m`,
      '-XX:+ExitOnOutOfMemoryError',
      `-Djava.io.tmpdir=${at('tmp')}`,
      ...(mark === undefined ? [] : [`-Dlazuli.mark=${mark}`]),
      ...['-cp', join(jars, '*'), 'org.codelibs.opensearch.runner.OpenSearchRunner'],
      ...['-basePath', folder, '-confPath', at('config'), '-dataPath', at('data'), '-logsPath', at('logs')],
      // The node takes the port after the base port.
      ...['-numOfNode', '1', '-baseHttpPort', String(port - 1), '-clusterName', cluster],
    ],
    log,
  };
}

const healthSchema = z
  .object({ cluster_name: z.string(), status: z.string(), number_of_nodes: z.int() })
  .transform(({ cluster_name: name, status, number_of_nodes: nodes }) => ({ name, status, nodes }));

/** `port lost`: another process took it between our look and the server's. */
type Outcome = 'up' | 'port lost' | 'failed';

async function waitFor(url: string, cluster: string, child: Child): Promise<Outcome> {
  const deadline = Date.now() + startMillis;
  while (child.exit === undefined && Date.now() < deadline) {
    const answer = await clusterHealth(url);
    if (answer !== null && answer.name !== cluster) return 'port lost';
    if (answer?.status === 'green' || answer?.status === 'yellow') return 'up';
    if (tookAnotherPort(url, child)) return 'port lost';
    await new Promise((resolve) => setTimeout(resolve, pollMillis));
  }
  return /Address already in use|BindHttpException/.test(child.tail()) ? 'port lost' : 'failed';
}

/** The runner looks for itself, and goes on to the next port where one is taken. */
function tookAnotherPort(url: string, child: Child): boolean {
  const [, port] = /^HTTP Port:\s+(\d+)$/m.exec(child.tail()) ?? [];
  return port !== undefined && !url.endsWith(`:${port}`);
}

/** @param url may hold credentials. @returns null while the server doesn't answer */
export async function clusterHealth(url: string): Promise<z.output<typeof healthSchema> | null> {
  try {
    const { href, headers } = authorized(url);
    const health = new URL('_cluster/health', withSlash(href));
    const response = await fetch(health, { headers, signal: AbortSignal.timeout(5000) });
    return response.ok ? healthSchema.parse(await response.json()) : null;
  } catch {
    // not listening yet, or not OpenSearch
    return null;
  }
}

function notStarted(child: Child): LazuliError {
  const tail = child.tail();
  return new LazuliError(
    'index_unavailable',
    `OpenSearch did not start. Its last lines (${child.spec.log}):\n${tail}`,
    {
      remedy: /OutOfMemoryError|Cannot allocate memory|insufficient memory/.test(tail)
        ? 'Free some memory, or give it less heap with --heap.'
        : 'Fix what the lines above say; or name a running OpenSearch 2.x with OPENSEARCH_URL.',
    },
  );
}
