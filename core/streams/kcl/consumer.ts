import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LazuliError } from '../../config/errors.ts';
import { fullJitter, type Random } from '../../runtime/backoff.ts';
import { systemClock } from '../../runtime/clock.ts';
import { type Logger, noLogger } from '../../runtime/logger.ts';
import type { Clock } from '../../runtime/ports.ts';
import { emulatorVariables } from '../../storage/aws.ts';
import type { Consumer, ConsumerStatus, Problem } from '../consumer.ts';
import { type ConsumerLimits, defaultLimits } from '../limits.ts';
import { checkName } from '../names.ts';
import { problemOf } from '../problem.ts';
import type { RecordProcessorFactory, StreamRecord } from '../processor.ts';
import { Conversation, type ConversationContext } from './conversation.ts';
import { Daemon } from './daemon.ts';
import { type DaemonPlace, type KclOptions, propertiesOf } from './properties.ts';

/** What a consumer reads, how, and what it does with it; limits that are left out have defaults. */
export interface KclConsumerOptions extends Partial<ConsumerLimits> {
  readonly place: Omit<DaemonPlace, 'command'>;
  readonly kcl: KclOptions;
  /** folder with the library's jars */
  readonly jars: string;
  readonly factory: RecordProcessorFactory;
  readonly since?: (record: StreamRecord) => number;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly logger?: Logger;
}

/** A daemon that has run for so long was well: if it ends then, it is started again at once. */
const wellMillis = 60_000;
/** Once all processors have finished, the daemon waits for those of finished shards, too: no longer than this. */
const idleMillis = 5_000;

/**
 * Reads a stream by the Kinesis Client Library, together with the other workers of its application: the library's daemon
 * leases shards, and hands their records to the processors of this process.
 *
 * The daemon starts a small program for each shard, which only passes on; so processors share what this process has, and
 * nothing but a broken machine makes one end before the daemon. Should the daemon end by itself, it is started again, and finds
 * its leases by the name of the worker.
 *
 * @throws LazuliError `configuration_invalid` for a name that no stream can have
 */
export function startKclConsumer(options: KclConsumerOptions): Consumer {
  checkName('stream', options.place.stream);
  return new KclConsumer(options);
}

class KclConsumer implements Consumer {
  readonly done: Promise<void>;
  readonly #options: KclConsumerOptions;
  readonly #limits: ConsumerLimits;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #logger: Logger;
  readonly #stop = new AbortController();
  readonly #conversations = new Set<Conversation>();
  readonly #talking = new Set<Promise<void>>();
  #problem: Problem | null = null;
  /** called where a conversation has broken off: the daemon gives up then, but takes its time */
  #broken: () => void = () => {};
  #failure: { readonly error: unknown } | null = null;

  constructor(options: KclConsumerOptions) {
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options };
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#logger = options.logger ?? noLogger;
    this.done = this.#run();
    // Whoever needs the error awaits `done`; until then it is no unhandled rejection.
    this.done.catch(() => {});
  }

  stop(): Promise<void> {
    this.#stop.abort(new Error('The consumer was stopped.'));
    return this.done;
  }

  /** Shards that this worker has; others have theirs. */
  status(): ConsumerStatus {
    const shards = [...this.#conversations].flatMap(({ status }) => status ?? []);
    return { stream: this.#options.place.stream, problem: this.#problem, shards };
  }

  async #run(): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'lazuli-kcl-'));
    const server = createServer((socket) => this.#talk(socket));
    try {
      const command = await this.#serve(server, folder);
      await this.#keepDaemon(folder, command);
    } finally {
      server.close();
      await rm(folder, { recursive: true, force: true });
    }
    if (this.#failure !== null) throw this.#failure.error;
  }

  /** @returns the command that the daemon runs for each shard */
  async #serve(server: Server, folder: string): Promise<string> {
    const [socket, relay] = [join(folder, 'socket'), join(folder, 'relay')];
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(socket, resolve);
    });
    const words = [process.execPath, join(import.meta.dirname, 'relay.ts'), socket];
    await writeFile(relay, `#!/bin/sh\nexec ${words.map(quoted).join(' ')}\n`, { mode: 0o700 });
    if (/\s/.test(relay)) {
      throw new LazuliError(
        'configuration_invalid',
        `The folder for temporary files has a blank in its name: ${folder}`,
        {
          remedy: 'Set TMPDIR to another one: the Kinesis Client Library takes commands apart at blanks.',
        },
      );
    }
    return relay;
  }

  async #keepDaemon(folder: string, command: string): Promise<void> {
    const { place, kcl, jars } = this.#options;
    const properties = propertiesOf(kcl, { ...place, command: [command] }, this.#limits);
    const variables = emulatorVariables(place.kinesis, process.env);
    const { signal } = this.#stop;
    for (let failures = 0; !signal.aborted; ) {
      const started = this.#clock.now();
      const daemon = await Daemon.start({ jars, folder, properties, heap: kcl.heap, variables, logger: this.#logger });
      const how = await this.#watch(daemon);
      if (signal.aborted) return;
      failures = this.#clock.now() - started > wellMillis ? 1 : failures + 1;
      this.#ended(how, failures, started);
      await this.#clock.sleep(fullJitter(failures, this.#limits.backoff, this.#random), signal).catch(() => {});
    }
  }

  /** @returns how the daemon ended: by itself, because it lost what it had started, or because the consumer stops */
  async #watch(daemon: Daemon): Promise<string> {
    const { signal } = this.#stop;
    const asked = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    const broken = new Promise<void>((resolve) => {
      this.#broken = resolve;
    });
    await Promise.race([daemon.exited, asked, broken]);
    if (signal.aborted) {
      daemon.ask();
      await this.#allQuiet(daemon);
    }
    // What it started would go on talking, for a daemon that isn't there.
    await daemon.kill();
    await Promise.all(this.#talking);
    return daemon.exited;
  }

  /** Until the daemon has ended, or its processors have and it takes its time, or none of that happens. */
  async #allQuiet(daemon: Daemon): Promise<void> {
    const late = new AbortController();
    const after = (millis: number) => this.#clock.sleep(millis, late.signal).catch(() => {});
    const finished = Promise.all(this.#talking).then(() => after(idleMillis));
    await Promise.race([daemon.exited, finished, after(this.#limits.stopMillis)]);
    late.abort();
  }

  #talk(socket: Socket): void {
    const conversation = new Conversation(this.#context(), socket);
    this.#conversations.add(conversation);
    this.#problem = null;
    const talking = conversation
      .run()
      .then((isWhole) => {
        if (!isWhole) this.#broken();
      })
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#conversations.delete(conversation);
        this.#talking.delete(talking);
      });
    this.#talking.add(talking);
  }

  #context(): ConversationContext {
    const { factory, since, place } = this.#options;
    const { backoff, maxAttempts } = this.#limits;
    const { signal } = this.#stop;
    const persistence = { clock: this.#clock, random: this.#random, backoff, maxAttempts };
    return { ...persistence, factory, since, signal, stream: place.stream, logger: this.#logger };
  }

  #ended(how: string, attempts: number, since: number): void {
    const error = new LazuliError('stream_unavailable', `The daemon of the Kinesis Client Library ended: ${how}`, {
      remedy: 'See its last lines in the log of this worker; it is started again.',
    });
    this.#problem = problemOf({ error, attempts, since });
    this.#logger.warn({ stream: this.#options.place.stream, err: error, attempts }, 'starting the daemon again');
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#logger.error({ stream: this.#options.place.stream, err: error }, 'consumer failed');
    this.#stop.abort(new Error('The consumer failed.'));
  }
}

/** A word of a shell's command. */
const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;
