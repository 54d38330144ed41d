import { type ChildProcess, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { shownText } from '../../config/text.ts';
import type { Logger } from '../../runtime/logger.ts';
import { linesOf } from './lines.ts';

const mainClass = 'software.amazon.kinesis.multilang.MultiLangDaemon';

/** The library logs everything to its output unless its configuration says something else. */
const logging = `<configuration>
  <appender name="OUT" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%level %logger{0}: %msg%n%ex{short}</pattern></encoder>
  </appender>
  <root level="WARN"><appender-ref ref="OUT"/></root>
</configuration>
`;

/**
 * Becomes the command that is given, beside a watcher in its process group. The watcher reads what this process holds open and
 * never writes to: its end means that this process is gone, however it went, and then the group is killed.
 */
const guarded = `exec 3<&0
(cat; kill -KILL 0) <&3 >/dev/null 2>&1 &
exec "$@" </dev/null 3<&-`;

export interface DaemonOptions {
  /** with the jars of the library */
  readonly jars: string;
  /** for its configuration; exists, and is only this daemon's */
  readonly folder: string;
  readonly properties: string;
  /** MiB */
  readonly heap: number;
  /** beside those of this process */
  readonly variables: Readonly<Record<string, string>>;
  readonly logger: Logger;
}

/**
 * A MultiLangDaemon, in a process group of its own: what a terminal sends to ours doesn't reach it before we do. It doesn't
 * outlive this process, not even where that is killed while the daemon has no shard.
 */
export class Daemon {
  /** Never rejects. */
  readonly exited: Promise<string>;
  readonly #process: ChildProcess;
  #ended = false;

  private constructor(child: ChildProcess, logger: Logger) {
    this.#process = child;
    this.exited = new Promise((resolve) => {
      const end = (how: string) => {
        this.#ended = true;
        // Its watcher ends then, with whatever it has left behind.
        child.stdin?.destroy();
        resolve(how);
      };
      child.once('exit', (code, signal) => end(signal === null ? `code ${code}` : `signal ${signal}`));
      child.once('error', (error) => end(error.message));
    });
    for (const output of [child.stdout, child.stderr]) if (output !== null) void log(output, logger);
  }

  static async start({ jars, folder, properties, heap, variables, logger }: DaemonOptions): Promise<Daemon> {
    const [file, logback] = [join(folder, 'kcl.properties'), join(folder, 'logback.xml')];
    await Promise.all([writeFile(file, properties, { mode: 0o600 }), writeFile(logback, logging, { mode: 0o600 })]);
    const java = [`-Xmx${heap}m`, '-XX:+ExitOnOutOfMemoryError', `-Dlogback.configurationFile=${logback}`];
    const args = [...java, '-cp', join(jars, '*'), mainClass, '--properties-file', file];
    return new Daemon(
      spawn('sh', ['-c', guarded, 'sh', 'java', ...args], { detached: true, env: { ...process.env, ...variables } }),
      logger,
    );
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Asks it to have all processors finish, and to end. */
  ask(): void {
    if (!this.#ended) this.#process.kill('SIGTERM');
  }

  /** Ends it, and what it started, whatever they do. */
  async kill(): Promise<void> {
    if (!this.#ended && this.pid !== undefined) {
      try {
        process.kill(-this.pid, 'SIGKILL');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }
    await this.exited;
  }
}

async function log(output: Readable, logger: Logger): Promise<void> {
  for await (const line of linesOf(output)) {
    const text = shownText(line.subarray(0, 2_000)).trimEnd();
    if (text.startsWith('ERROR')) logger.error({ kcl: text }, 'the Kinesis Client Library');
    else if (text.startsWith('WARN')) logger.warn({ kcl: text }, 'the Kinesis Client Library');
    else if (text !== '') logger.info({ kcl: text }, 'the Kinesis Client Library');
  }
}
