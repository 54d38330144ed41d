import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Membership, type OpenSearch, startOpenSearch } from '../../cli/engines/opensearch.ts';

const heap = 512;
let running: Promise<OpenSearch> | undefined;

/** The engines that tests share. What a test keeps in one has a name of its own, such as a deployment's. */
export const engines = {
  /** URL of an OpenSearch: started at the first call, ended after the last test; or OPENSEARCH_URL. */
  async opensearch(): Promise<string> {
    if (process.env.OPENSEARCH_URL) return process.env.OPENSEARCH_URL;
    running ??= start();
    return (await running).url;
  },
};

/** What mocha runs around all tests of all files. */
export const mochaHooks = {
  async afterAll(this: Mocha.Context): Promise<void> {
    const server = await running;
    running = undefined;
    await server?.child.stop();
  },
};

/** What ends mocha before its last hooks, with the exit code: what it started is ended by listeners of `exit`. */
const ends = { SIGTERM: 143, SIGHUP: 129 } as const;

let endsWithOthers = false;

function endWithOthers(): void {
  if (endsWithOthers) return;
  endsWithOthers = true;
  for (const [signal, code] of Object.entries(ends)) process.once(signal, () => process.exit(code));
  process.once('disconnect', () => process.exit(1));
}

function start(): Promise<OpenSearch> {
  return startTestServer(folderUntilEnd('lazuli-opensearch-'), `lazuli-test-${randomBytes(6).toString('hex')}`);
}

/** A temporary folder that is gone when this process has ended, however it ends. */
export function folderUntilEnd(prefix: string): string {
  endWithOthers();
  const folder = mkdtempSync(join(tmpdir(), prefix));
  // A server that was killed just now may still be writing.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 20 }));
  return folder;
}

/** Starts an OpenSearch that is ended with this process, however it ends. @param member absent: the only node of its cluster */
export function startTestServer(folder: string, cluster: string, member?: Membership): Promise<OpenSearch> {
  endWithOthers();
  return startOpenSearch({
    folder,
    log: join(folder, 'opensearch.log'),
    cluster,
    heap,
    ...(member === undefined ? {} : { member }),
    say: (line) => console.log(line),
    // When mocha ends in a hurry there is no time to ask.
    started: (child) => process.prependOnceListener('exit', () => child.kill()),
  });
}
