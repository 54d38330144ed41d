import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { LazuliError } from '../../core/config/errors.ts';
import { systemClock } from '../../core/runtime/clock.ts';
import type { BulkBody } from '../../transform/sink/body.ts';
import { superseded, versionOf } from '../../transform/sink/outcome.ts';
import { openSearchCluster, type SearchCluster } from '../../transform/sink/search-cluster.ts';
import { Sink } from '../../transform/sink/sink.ts';
import { engines } from '../rigs/engines.ts';

const sent = versionOf(1, 2);

describe('A document whose version the index already has', () => {
  let cluster: SearchCluster;
  let index: string;
  /** what another worker does after the conflict and before what is stored is read */
  let meanwhile: () => Promise<unknown>;

  beforeEach(async () => {
    cluster = openSearchCluster(await engines.opensearch());
    index = `sink-${randomUUID()}`;
    meanwhile = async () => undefined;
    await cluster.request('PUT', `/${index}-1`, { aliases: { [index]: {} } });
  });
  afterEach(async () => {
    await cluster.request('DELETE', `/${index}-1`);
    await cluster.close();
  });

  /** The code of the error with which writing ends; null where it succeeds. */
  async function write(content: string, version: number): Promise<string | null> {
    const request: SearchCluster['request'] = async (method, path, ...rest) => {
      if (path === '/_mget') await meanwhile();
      return cluster.request(method, path, ...rest);
    };
    const sink = new Sink(
      {
        ...{ cluster: { ...cluster, request }, clock: systemClock, signal: new AbortController().signal },
        ...{ backOff: () => 10, onPause: () => undefined },
        onMissing: async () => {
          throw superseded('its index is gone');
        },
      },
      1,
    );
    try {
      expect(await sink.write(body(content, version), version)).to.deep.equal([]);
      return null;
    } catch (error) {
      if (error instanceof LazuliError) return error.code;
      throw error;
    }
  }

  function body(content: string, version: number): BulkBody {
    const action = { index: { _index: index, _id: 'a', version, version_type: 'external', require_alias: true } };
    return { bytes: Buffer.from(`${JSON.stringify(action)}\n${JSON.stringify({ _hash: content })}\n`), items: 1 };
  }

  it('is written if its content is the same', async () => {
    expect([await write('one', sent), await write('one', sent)]).to.deep.equal([null, null]);
  });

  it('is a violation if its content is another one', async () => {
    expect([await write('one', sent), await write('other', sent)]).to.deep.equal([null, 'version_violated']);
  });

  it('is written if something newer of the same epoch has come meanwhile', async () => {
    await write('one', sent);
    meanwhile = () => write('newer', versionOf(1, 3));
    expect(await write('one', sent)).to.equal(null);
  });

  it('ends a worker whose successor has written it meanwhile', async () => {
    await write('one', sent);
    meanwhile = () => write('of the next epoch', versionOf(2, 1));
    expect(await write('one', sent)).to.equal('superseded');
  });

  it('is sent again if the index is gone meanwhile, which tells of the successor that dropped it', async () => {
    await write('one', sent);
    meanwhile = () => cluster.request('DELETE', `/${index}-1`);
    expect(await write('one', sent)).to.equal('superseded');
  });
});
