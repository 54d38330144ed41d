import { expect } from 'chai';
import { obtainJars } from '../../cli/engines/jars.ts';
import { kinesisClientLibrary } from '../../cli/engines/java-engines.ts';
import type { IngestStatus } from '../../core/control/ingest.ts';
import { onlyLong } from '../rigs/long.ts';
import { useCloud } from '../rigs/storage/cloud.ts';
import { shardIds, splitShard } from '../rigs/streams/emulator.ts';
import { until } from '../rigs/until.ts';
import { ask } from './indexed.ts';
import { Pipeline } from './pipeline.ts';
import { generatedWorld, partsOf } from './world.ts';

/** The library waits up to half a minute at its first start, and three minutes where a worker that led the others was killed. */
const patience = 240_000;

describe('Ingest workers that share a stream by the Kinesis Client Library', () => {
  onlyLong();
  const cloud = useCloud();

  it('lose nothing, nor have anything count twice, though one is killed and a shard is split', async function () {
    this.timeout(3 * patience);
    const jars = await obtainJars(kinesisClientLibrary, (line) => console.log(`      ${line}`));
    const { endpoint, region } = cloud();
    const together = { endpoint, region, table: await cloud().table('together') };
    await using pipeline = await Pipeline.open({ shards: 4, together, world: await generatedWorld() });
    const [first = [], second = [], third = []] = partsOf(pipeline.world.notifications, 3);
    await pipeline.startTransform();
    const doomed = await pipeline.spawn('ingest', undefined, { jars, worker: 'one' });
    await pipeline.spawn('ingest', undefined, { jars, worker: 'two' });
    await pipeline.notify(first);
    await until(async () => (await shardsOf(pipeline)) === 4, patience);

    await doomed.stop('SIGKILL');
    await pipeline.notify(second);
    const [shard = ''] = await shardIds(pipeline.kinesis.client, pipeline.settings.kinesis.notifications);
    await splitShard(pipeline.kinesis.client, pipeline.settings.kinesis.notifications, shard);
    await pipeline.notify(third);
    await pipeline.expectClean(patience);
    expect(await shardsOf(pipeline)).to.equal(6);
  });
});

/** Shards that somebody reads or has read, as a worker says that has some of them. */
async function shardsOf(pipeline: Pipeline): Promise<number> {
  const { shards } = (await ask(pipeline.url('ingest'), 'GET', '/status').catch(() => ({
    shards: [],
  }))) as IngestStatus;
  return shards.filter(({ state }) => state === 'running' || state === 'ended').length;
}
