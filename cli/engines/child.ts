import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder } from '../../core/config/folder.ts';
import { identify, isAlive, type ProcessIdentity } from './identity.ts';

/** After this a process that was asked to end is made to. */
const graceMillis = 10_000;
const pollMillis = 50;
/** A log beyond this is put aside when its process starts; one old log is kept. */
const maxLogBytes = 16 * 2 ** 20;
const tailLines = 20;
const tailBytes = 8 * 2 ** 10;

export interface ChildSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** both outputs are appended to it */
  readonly log: string;
  /** a channel whose end tells the child that this process is gone */
  readonly channel?: true;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process that this one started, and its log. */
export class Child {
  readonly spec: ChildSpec;
  readonly identity: ProcessIdentity;
  /** Never rejects. */
  readonly exited: Promise<Exit>;
  #exit: Exit | undefined;
  readonly #process: ChildProcess;
  /** where its part of the log begins */
  readonly #logStart: number;

  private constructor(spec: ChildSpec, child: ChildProcess, identity: ProcessIdentity, logStart: number) {
    this.spec = spec;
    this.#logStart = logStart;
    this.identity = identity;
    this.#process = child;
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.#exit = { code, signal };
        resolve(this.#exit);
      });
    });
  }

  /**
   * In a process group of its own: what a terminal sends to the foreground group (Ctrl-C) reaches
   * this process alone, which then ends its children in order.
   *
   * @throws Error as `spawn` gives it
   */
  static async start(spec: ChildSpec): Promise<Child> {
    const log = openLog(spec.log);
    const logStart = fstatSync(log).size;
    const child = spawn(spec.command, spec.args, {
      detached: true,
      stdio: spec.channel ? ['ignore', log, log, 'ipc'] : ['ignore', log, log],
      env: { ...process.env, ...spec.env },
    });
    closeSync(log);
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    const pid = child.pid ?? 0;
    return new Child(spec, child, identify(pid) ?? { pid, started: 'ended', command: spec.command }, logStart);
  }

  get exit(): Exit | undefined {
    return this.#exit;
  }

  /** Asks it to end, and makes it after a grace. Resolves when it has ended. */
  async stop(): Promise<Exit> {
    if (this.#exit !== undefined) return this.#exit;
    this.#process.kill('SIGTERM');
    const timer = setTimeout(() => this.kill(), graceMillis);
    const exit = await this.exited;
    clearTimeout(timer);
    return exit;
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }

  /** The last lines that it wrote to its log, for a person. */
  tail(): string {
    return logTail(this.spec.log, this.#logStart);
  }
}

/** Ends a process that some earlier process started; resolves when it is gone. */
export async function endOrphan(identity: ProcessIdentity): Promise<void> {
  const deadline = Date.now() + graceMillis;
  for (let asked = false; isAlive(identity); asked = true) {
    if (!asked) signalIfThere(identity.pid, 'SIGTERM');
    if (Date.now() > deadline) signalIfThere(identity.pid, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, pollMillis));
  }
}

function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function openLog(file: string): number {
  makeFolder(dirname(file));
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > maxLogBytes) renameSync(file, `${file}.1`);
  return openSync(file, 'a');
}

function logTail(file: string, start: number): string {
  const text = readFileSync(file).subarray(start).subarray(-tailBytes).toString('utf8').trimEnd();
  return text.split('\n').slice(-tailLines).join('\n');
}
