import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { obtainJars } from '../../../../cli/engines/jars.ts';
import { kinesisClientLibrary } from '../../../../cli/engines/java-engines.ts';
import { systemClock } from '../../../../core/runtime/clock.ts';
import type { Consumer } from '../../../../core/streams/consumer.ts';
import { startKclConsumer } from '../../../../core/streams/kcl/consumer.ts';
import { LeaseTable } from '../../../../core/streams/kcl/leases.ts';
import { KclProgress } from '../../../../core/streams/kcl/progress.ts';
import { putRecords } from '../../../../core/streams/producer.ts';
import { ensureStream } from '../../../../core/streams/stream.ts';
import { onlyLong } from '../../../rigs/long.ts';
import { useCloud } from '../../../rigs/storage/cloud.ts';
import { shardIds, splitShard, startKinesis } from '../../../rigs/streams/emulator.ts';
import { libraryVariables, startHttp2Proxy } from '../../../rigs/streams/http2-proxy.ts';
import { Recording } from '../../../rigs/streams/recording.ts';
import { until } from '../../../rigs/until.ts';
import { entries, numbers, sorted } from '../../storage/records.ts';

const [stream, application, region] = ['shared', 'lazuli-test-ingest', 'us-east-1'];
/**
 * The library waits up to half a minute at its first start, so that only one worker begins; and three minutes where the one
 * that led the others was killed, until its lock is old.
 */
const patience = 240_000;

describe('A stream read by the Kinesis Client Library', () => {
  onlyLong();
  const cloud = useCloud();
  after(() => {
    for (const name of Object.keys(libraryVariables)) delete process.env[name];
  });

  it('is shared by workers, also over a death and a split; all is handed over, and nothing again what was checkpointed', async function () {
    this.timeout(4 * patience);
    const jars = await obtainJars(kinesisClientLibrary, (line) => console.log(`      ${line}`));
    await using kinesis = await startKinesis();
    await using proxy = await startHttp2Proxy(kinesis.url);
    Object.assign(process.env, libraryVariables);
    const start = (worker: string, { factory }: Recording): Consumer =>
      startKclConsumer({
        place: { stream, region, kinesis: proxy.url, dynamodb: cloud().endpoint },
        kcl: { application, worker, failoverMillis: 2_000, fanOut: false, heap: 128 },
        stopMillis: 20_000,
        ...{ jars, factory },
      });
    const { client } = kinesis;
    const [one, two] = [new Recording(), new Recording()];
    await ensureStream(client, stream, 2);
    await putRecords(client, stream, entries(0, 40));
    const workers = [start('one', one), start('two', two)];
    const seen = () => [...one.texts(), ...two.texts()];
    await until(() => seen().length >= 40, patience);
    expect(sorted(seen())).to.deep.equal(numbers(0, 40));
    await until(() => workers.every((worker) => running(worker) === 1), patience);

    for (const relay of relaysOf(process.pid).slice(0, 1)) process.kill(relay, 'SIGKILL');
    const [first = ''] = await shardIds(client, stream);
    await splitShard(client, stream, first);
    await putRecords(client, stream, entries(40, 80));
    await until(() => new Set(seen()).size === 80, patience);
    expect(sorted(seen())).to.deep.equal(numbers(0, 80));

    await workers[0]?.stop();
    await putRecords(client, stream, entries(80, 90));
    await until(() => new Set(seen()).size === 90, patience);
    await workers[1]?.stop();
    const leases = new LeaseTable({ region, endpoint: cloud().endpoint, table: application });
    const progress = new KclProgress({ client, stream, leases, clock: systemClock });
    const { shards } = await progress.look({ stream, problem: null, shards: [] }, AbortSignal.timeout(10_000));
    leases.close();
    expect(shards.map(({ pending }) => pending)).to.deep.equal(shards.map(() => 0));
    expect(sorted(seen())).to.deep.equal(numbers(0, 90));
  });
});

const running = (consumer: Consumer) => consumer.status().shards.filter(({ state }) => state === 'running').length;

/** Processes that pass on what a daemon of this process says: children of its children. */
function relaysOf(parent: number): readonly number[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  const parents = new Map(all.map((pid) => [pid, parentOf(pid)]));
  return all.filter((pid) => parents.get(parents.get(pid) ?? 0) === parent && commandOf(pid).includes('relay.ts'));
}

const parentOf = (pid: number) =>
  Number(
    read(`/proc/${pid}/stat`)
      .replace(/^.*\) \S /s, '')
      .split(' ')[0],
  );
const commandOf = (pid: number) => read(`/proc/${pid}/cmdline`);

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
