import { expect } from 'chai';
import { clusterHealth } from '../../cli/engines/opensearch.ts';
import type { Spread } from '../../core/config/catalogs.ts';
import type { TransformStatus } from '../../core/control/catalog-status.ts';
import { type SearchNodes, startSearchNodes } from '../rigs/search-nodes.ts';
import { until } from '../rigs/until.ts';
import { ask } from './indexed.ts';
import { Pipeline } from './pipeline.ts';
import { catalog } from './pipeline-settings.ts';

const settingsNames = ['number_of_shards', 'number_of_replicas'] as const;

describe('Indices on the nodes of a search cluster', function () {
  this.timeout(600_000);
  let cluster: SearchNodes;
  let pipeline: Pipeline;
  before(async () => {
    cluster = await startSearchNodes(1);
    pipeline = await Pipeline.open({ opensearch: urlOf(0) });
    await pipeline.startIngest();
    await pipeline.startTransform();
    await pipeline.notify();
    await pipeline.settled(240_000);
  });
  after(async () => {
    await pipeline[Symbol.asyncDispose]();
    await cluster[Symbol.asyncDispose]();
  });

  const urlOf = (node: number): string => cluster.nodes[node]?.url ?? '';
  const prefix = () => `lazuli_${pipeline.settings.deployment}_${catalog}_`;

  /** Shards and replicas of all indices, those that are the same once. */
  async function spread(): Promise<readonly string[]> {
    const path = `/${prefix()}*/_settings?flat_settings=true`;
    const found = (await ask(urlOf(0), 'GET', path)) as Record<string, { settings: Record<string, string> }>;
    const each = Object.values(found).map(({ settings }) => settingsNames.map((name) => settings[`index.${name}`]));
    return [...new Set(each.map((one) => one.join('/')))].sort();
  }

  const status = async () => ((await ask(urlOf(0), 'GET', '/_cluster/health')) as { status: string }).status;
  const shards = async () => {
    const { catalogs } = (await ask(pipeline.url('transform'), 'GET', '/status')) as TransformStatus;
    return catalogs[catalog]?.shards;
  };
  const restart = async (index: Spread) => {
    await pipeline.stop('transform');
    const { catalogs } = pipeline.settings;
    const changed = Object.entries(catalogs).map(([name, one]) => [name, { ...one, index }]);
    await pipeline.startTransform({ ...pipeline.settings, catalogs: Object.fromEntries(changed) });
  };

  it('have no copies where there is one node, so that green is possible', async () => {
    expect(await spread()).to.deep.equal(['1/0']);
    expect(await status()).to.equal('green');
  });

  it('get one in place as soon as there are two nodes, kept generations too', async () => {
    await pipeline.reindex();
    await pipeline.generation(2);
    await cluster.add();
    expect(await Promise.all([0, 1].map(async (node) => (await clusterHealth(urlOf(node)))?.nodes))).to.deep.equal([
      2, 2,
    ]);
    await until(async () => (await spread()).join() === '1/1', 60_000);
    await until(async () => (await status()) === 'green', 60_000);
    expect(await ask(urlOf(0), 'GET', `/_cat/indices/${prefix()}*_g1?format=json`)).to.have.length.above(0);
  });

  it('are whole when a node is lost; that copies are missing is what yellow tells, and none is given up', async () => {
    cluster.nodes[1]?.child.kill();
    await until(async () => (await clusterHealth(urlOf(0)))?.nodes === 1, 60_000);
    await until(async () => (await status()) === 'yellow', 60_000);
    await pipeline.expectClean();
    // Later than the next look at the number of nodes.
    await pipeline.reindex();
    await pipeline.generation(3);
    expect(await spread()).to.deep.equal(['1/0', '1/1']);
    expect(await status()).to.equal('yellow');
  });

  it('have as many copies as the settings say, at once; another number of shards takes a reindex, as the status tells', async () => {
    await restart({ shards: 2, replicas: 0 });
    await until(async () => (await spread()).join() === '1/0', 60_000);
    expect(await shards()).to.deep.equal({ serving: 1, wanted: 2 });
    await pipeline.reindex();
    await pipeline.generation(4);
    expect(await shards()).to.deep.equal({ serving: 2, wanted: 2 });
    expect(await spread()).to.include('2/0');
    await pipeline.expectClean();
  });
});
