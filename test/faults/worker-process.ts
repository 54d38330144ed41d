import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KclDriver } from '../../ingest/reading/together.ts';
import type { Death, Report } from '../rigs/faults/deaths.ts';
import { libraryVariables } from '../rigs/streams/http2-proxy.ts';
import type { BrokenStatements } from './broken-statements.ts';

const program = join(import.meta.dirname, 'worker.ts');

/** Which point to die at, and when it is reached for which time. */
export type DieAt = Omit<Death, 'marker'>;

export interface SpawnOptions {
  readonly role: 'ingest' | 'transform' | 'builder' | 'export';
  readonly settingsFile: string;
  /** for the marker and the log */
  readonly folder: string;
  readonly dieAt?: DieAt | undefined;
  /** ingest reads by the Kinesis Client Library */
  readonly kcl?: KclDriver | undefined;
}

/** What takes a moment, on a machine that has much to do. */
const patientMillis = 60_000;

const together = (kcl: KclDriver) => ({ ...libraryVariables, LAZULI_TEST_KCL: JSON.stringify(kcl) });

let started = 0;

/** A worker process that this test started. */
export class WorkerProcess {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #marker: string;
  readonly #log: string;

  private constructor(child: ChildProcess, url: string, marker: string, log: string) {
    this.#child = child;
    this.url = url;
    this.#marker = marker;
    this.#log = log;
  }

  /** Resolves when it listens, or has died on the way. @throws Error with its log where it failed */
  static async start({ role, settingsFile, folder, dieAt, kcl }: SpawnOptions): Promise<WorkerProcess> {
    const name = join(folder, `${role}-${++started}`);
    const [marker, log] = [`${name}.died`, `${name}.log`];
    const output = openSync(log, 'a');
    const death = dieAt === undefined ? {} : { LAZULI_TEST_FAULT: JSON.stringify({ ...dieAt, marker }) };
    const child = spawn(process.execPath, [program, role, settingsFile], {
      stdio: ['ignore', output, output, 'ipc'],
      env: { ...process.env, ...death, ...(kcl === undefined ? {} : together(kcl)) },
    });
    closeSync(output);
    const report = await Promise.race([once(child, 'message'), once(child, 'exit').then(() => [null])]);
    const [told] = report as [Report | null];
    if (told !== null && 'url' in told) return new WorkerProcess(child, told.url, marker, log);
    if (existsSync(marker)) return new WorkerProcess(child, '', marker, log);
    throw new Error(`The ${role} worker did not start: ${JSON.stringify(told)}\n${readFileSync(log, 'utf8')}`);
  }

  /** Has it die at a point from now on. */
  async arm(dieAt: DieAt): Promise<void> {
    await this.#tell({ ...dieAt, marker: this.#marker } satisfies Death);
  }

  /** Has statements fail from now on; null: they are right again. */
  async breakStatements(broken: BrokenStatements | null): Promise<void> {
    await this.#tell({ broken });
  }

  async #tell(message: Death | { readonly broken: BrokenStatements | null }): Promise<void> {
    const heard = once(this.#child, 'message', { signal: AbortSignal.timeout(patientMillis) });
    this.#child.send(message);
    await heard.catch(() => {
      throw new Error(`It doesn't hear ${JSON.stringify(message)}: ${this.#tail()}`);
    });
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Waits for its death. @throws Error where it ended in another way, or the point isn't reached in time */
  async died(millis = patientMillis): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    const late = AbortSignal.timeout(millis);
    if (exitCode === null && signalCode === null) await once(this.#child, 'exit', { signal: late }).catch(this.#alive);
    if (this.#child.signalCode === 'SIGKILL' && existsSync(this.#marker)) return;
    throw new Error(`It ended otherwise (${this.#child.exitCode} ${this.#child.signalCode}): ${this.#tail()}`);
  }

  /** Lets it hang, as a machine does that is paused; it goes on at `SIGCONT`. */
  send(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(signal);
  }

  /** Ends it; gently unless told otherwise. @throws Error with its log where it stays */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return;
    const exited = once(this.#child, 'exit', { signal: AbortSignal.timeout(patientMillis) });
    this.#child.kill(signal);
    await exited.catch(() => {
      this.#child.kill('SIGKILL');
      throw new Error(`It doesn't end at ${signal}: ${this.#tail()}`);
    });
  }

  readonly #alive = (): never => {
    throw new Error(`The fault point was not reached: ${this.#tail()}`);
  };

  #tail(): string {
    return readFileSync(this.#log, 'utf8').slice(-4000);
  }
}
