import { hostname } from 'node:os';
import { join } from 'node:path';
import { Argument, Command, Option } from 'commander';
import { LazuliError } from '../../core/config/errors.ts';
import { localUrl } from '../../core/config/peers.ts';
import type { Settings } from '../../core/config/settings.ts';
import { processLogger } from '../../core/runtime/logger.ts';
import { startEmulator } from '../../core/streams/emulator.ts';
import { createKinesisClient } from '../../core/streams/kinesis.ts';
import { ensureStream } from '../../core/streams/stream.ts';
import type { KclDriver } from '../../ingest/reading/together.ts';
import { refusedPlugins } from '../../plugins/registry.ts';
import { lockHolder, shownProcess } from '../engines/holders.ts';
import { obtainJars } from '../engines/jars.ts';
import { kinesisClientLibrary } from '../engines/java-engines.ts';
import type { Output } from '../output.ts';
import { writeForOwnerOnly } from '../owner-only.ts';
import { processOutput } from '../process-output.ts';
import { loadSettings, type SettingsOptions, wholeNumber, withSettings } from '../settings.ts';

interface Running {
  stop(): Promise<void>;
  /** where the role can end by itself: rejects when it must not go on */
  readonly done?: Promise<void>;
}

/** of the emulator's streams, as `lazuli up` has them */
const retentionHours = 168;

type Start = (settings: Settings, options: RunOptions) => Promise<Running>;

const workers: Readonly<Record<string, Start>> = {
  indexer: async (settings) => (await import('../../ingest/worker.ts')).startIndexer(settings),
  ingest: async (settings, options) => {
    const { startIngest } = await import('../../ingest/worker.ts');
    return startIngest(settings, { kcl: await kclDriver(options) });
  },
  transform: async (settings, { catalog }) => {
    const [{ startTransform }, { keepNurserySmall }] = await Promise.all([
      import('../../transform/worker.ts'),
      import('../../transform/store/heap.ts'),
    ]);
    keepNurserySmall();
    return startTransform(settings, catalog === undefined ? {} : { catalog });
  },
  builder: async (settings) => {
    const [{ startBuilder }, { keepNurserySmall }] = await Promise.all([
      import('../../transform/builder-worker.ts'),
      import('../../transform/store/heap.ts'),
    ]);
    keepNurserySmall();
    return startBuilder(settings);
  },
  export: async (settings) => {
    const [{ startExport }, { keepHeapSmall }, { giveWay }] = await Promise.all([
      import('../../exports/worker.ts'),
      import('../../exports/heap.ts'),
      import('../../exports/priority.ts'),
    ]);
    keepHeapSmall();
    giveWay();
    return startExport(settings);
  },
  query: async (settings) => {
    const [{ startQuery }, { markSeldom }] = await Promise.all([
      import('../../query/worker.ts'),
      import('../../query/heap.ts'),
    ]);
    markSeldom();
    return startQuery(settings);
  },
};

interface RunOptions extends SettingsOptions {
  readonly folder?: string;
  readonly port?: number;
  readonly catalog?: string;
  readonly driver: 'process' | 'kcl';
  readonly worker?: string;
  readonly host: string;
  readonly name?: readonly string[];
  readonly stream?: readonly string[];
  readonly mark?: string;
}

/** `lazuli run`: one role, in this process. */
export function runCommand(output: Output): Command {
  const command = new Command('run')
    .description('Run one role in this process until SIGTERM or SIGINT. `lazuli up` runs all of them.')
    .addArgument(new Argument('<role>', 'what to run').choices([...Object.keys(workers), 'emulator']))
    .option('--catalog <name>', 'transform: own this catalog only; other workers own the others')
    .addOption(
      new Option(
        '--driver <driver>',
        'ingest: reads the stream in this process alone, or by the Kinesis Client Library together with other workers',
      )
        .choices(['process', 'kcl'])
        .default('process'),
    )
    .option('--worker <name>', 'ingest with kcl: tells workers apart, the same after a restart (default: host name)')
    .option('--folder <dir>', 'emulator: where its records are kept')
    .option('--port <port>', 'emulator: the port it listens on', wholeNumber(1, 65535))
    .option('--host <address>', 'emulator: the address it listens on', '127.0.0.1')
    .option('--name <names...>', 'emulator: names by which it is asked, beside localhost and addresses')
    .option('--stream <names...>', 'emulator: streams that it creates, of one shard, where they are absent')
    .addOption(new Option('--mark <text>', 'by which the stack that starts it can find it').hideHelp())
    .addHelpText(
      'after',
      `
Examples:
  lazuli run query --config /etc/lazuli.json
  lazuli run ingest --driver kcl --worker ingest-1 --config /etc/lazuli.json
  lazuli run emulator --folder /tmp/kinesis --port 4567`,
    );
  return withSettings(command).action(async (role: string, options: RunOptions) => {
    output.goOn();
    writeForOwnerOnly();
    // From the first line: who started it may be gone before it is up, and starting may take as long as a pause.
    const ending = asked();
    const running = await Promise.race([start(role, options), ending]);
    if (!running) return;
    await Promise.race([ending, running.done ?? new Promise<never>(() => {})]);
    await running.stop();
  });
}

async function start(role: string, options: RunOptions): Promise<Running | undefined> {
  if (role === 'emulator') return runEmulator(options);
  const settings = await loadSettings(options);
  // Catalogs that need one of them stop; where none does, nobody else would say so.
  for (const err of await refusedPlugins(settings)) processLogger(role).error({ err }, 'a plug-in is refused');
  return workers[role]?.(settings, options);
}

/** @returns undefined where this process is to read alone */
async function kclDriver({ driver, worker = hostname() }: RunOptions): Promise<KclDriver | undefined> {
  if (driver !== 'kcl') return undefined;
  if (!/^[\w.-]{1,64}$/.test(worker)) {
    throw new LazuliError('usage', `A worker can't be called '${worker}'.`, {
      remedy: 'Give --worker a name of at most 64 letters, digits, points and hyphens.',
    });
  }
  return { jars: await obtainJars(kinesisClientLibrary, processOutput.err), worker };
}

async function runEmulator({ folder, port, host, name = [], stream = [] }: RunOptions): Promise<Running> {
  if (folder === undefined || port === undefined) {
    throw new LazuliError('usage', 'The emulator needs a folder and a port.', {
      remedy: 'Give both: lazuli run emulator --folder DIR --port PORT.',
    });
  }
  const holder = lockHolder(join(folder, 'LOCK'));
  if (holder !== null) {
    throw new LazuliError('in_use', `The records of the emulator in ${folder} are in use by ${shownProcess(holder)}.`, {
      remedy: `End that process (\`kill ${holder.pid}\`), or choose another folder.`,
    });
  }
  const emulator = await startEmulator({ path: folder, port, host, names: name });
  await createStreams(localUrl(host, port), stream);
  return { stop: () => emulator.close() };
}

async function createStreams(endpoint: string, names: readonly string[]): Promise<void> {
  const client = createKinesisClient({ kinesis: { endpoint, region: 'us-east-1' } });
  for (const name of names) await ensureStream(client, name, 1, { retentionHours });
  client.destroy();
}

/** Resolves when this process is asked to end, or the one that started it is gone. */
function asked(): Promise<void> {
  return new Promise((resolve) => {
    // It was gone before anyone could listen.
    if (process.connected === false) resolve();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
    process.once('disconnect', () => resolve());
  });
}
