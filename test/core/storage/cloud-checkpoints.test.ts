import { expect } from 'chai';
import { shardEnd } from '../../../core/streams/checkpoints.ts';
import { CheckpointTable } from '../../../core/streams/dynamodb/checkpoints.ts';
import { useCloud } from '../../rigs/storage/cloud.ts';

const stream = { name: 'lazuli-batches', created: 1_700_000_000_000 };
const shard = 'shardId-000000000000';

describe('Checkpoints in DynamoDB', function () {
  this.timeout(240_000);
  const cloud = useCloud();
  const tables: CheckpointTable[] = [];
  before(() => cloud().table('coordination'));
  after(() => {
    for (const table of tables) table.close();
  });

  const of = (stage: string, table = 'coordination'): CheckpointTable => {
    const { endpoint, region } = cloud();
    const store = new CheckpointTable({ endpoint, region, table, stage }, {});
    tables.push(store);
    return store;
  };

  it('are kept by stage, stream and shard', async () => {
    const store = of('one');
    expect(await store.get(stream, shard)).to.equal(null);
    await store.put(stream, shard, '12');
    await store.put(stream, 'shardId-000000000001', shardEnd);
    expect(await of('one').get(stream, shard)).to.equal('12');
    expect(await store.get(stream, 'shardId-000000000001')).to.equal(shardEnd);
    expect(await store.get({ ...stream, name: 'other' }, shard)).to.equal(null);
    expect(await of('two').get(stream, shard)).to.equal(null);
  });

  it('of another stream of the same name do not count, and are written over by those of a later one', async () => {
    const store = of('three');
    const later = { ...stream, created: stream.created + 1000 };
    await store.put(stream, shard, '99');
    expect(await store.get(later, shard)).to.equal(null);
    await store.put(later, shard, '1');
    expect(await store.get(later, shard)).to.equal('1');
    expect(await store.put(stream, shard, '100').catch((caught) => caught)).to.include({ code: 'lease_lost' });
  });

  it('only move on, compared as numbers, and end with the shard', async () => {
    const store = of('four');
    for (const checkpoint of ['9', '9', '10', '49600000000000000000000000000000000000000000000000000001', shardEnd]) {
      await store.put(stream, shard, checkpoint);
      expect(await store.get(stream, shard)).to.equal(checkpoint);
    }
    for (const earlier of ['10', '9'.repeat(56)]) {
      expect(await store.put(stream, shard, earlier).catch((caught) => caught)).to.include({ code: 'lease_lost' });
    }
    expect(await store.get(stream, shard)).to.equal(shardEnd);
  });

  it('say what to check when the table is not there', async () => {
    const store = of('five', 'no-such-table');
    for (const use of [store.get(stream, shard), store.put(stream, shard, '1')]) {
      expect(await use.catch((caught) => caught)).to.include({ code: 'staging_unavailable', disposition: 'pause' });
    }
  });
});
