import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Engine, engineMissing, type Preview, type State } from './engine.ts';
import type { Inputs } from './made.ts';
import { record } from './recording.ts';
import { dev } from './stack-files.ts';

const withShards = (shards: number, protect = true) => ({ input: { ...dev.input, streams: { shards }, protect } });

/** Resources of which something differs, with the inputs that do, in the order of URNs. */
function changes(before: State, after: State) {
  const urns = [...new Set([...before.keys(), ...after.keys()])].sort();
  return urns.flatMap((urn) => {
    const [was, is] = [before.get(urn) ?? {}, after.get(urn) ?? {}];
    const members = [...new Set([...Object.keys(was), ...Object.keys(is)])];
    const different = members.filter((member) => JSON.stringify(was[member]) !== JSON.stringify(is[member]));
    return different.length === 0 ? [] : [[nameIn(urn), different.map((member) => [member, was[member], is[member]])]];
  });
}

const nameIn = (urn: string): string => urn.split('::').at(-1) ?? '';

const changing = ({ steps }: Preview): readonly string[] =>
  steps.filter(({ op }) => op !== 'same').map(({ op, urn }) => `${op} ${nameIn(urn)}`);

describe("The program run by Pulumi's engine", function () {
  this.timeout(600_000);
  const folder = mkdtempSync(join(tmpdir(), 'lazuli-engine-'));
  let engine: Engine;
  let wanted: readonly string[] = [];
  let told: Inputs = {};

  before(async function () {
    const missing = engineMissing();
    if (missing !== null) {
      console.log(`      skipped: ${missing}`);
      return this.skip();
    }
    const { resources, outputs } = await record({ ...dev, ...withShards(2) });
    const { queryUrl, indexerUrl, streams, buckets, table } = outputs;
    told = { queryUrl, indexerUrl, streams, buckets, table };
    wanted = resources.filter(({ custom }) => custom).map(({ type, name }) => `${type} ${name}`);
    engine = new Engine(folder, dev.name);
    engine.configure(withShards(2));
    await engine.init();
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('is previewed: everything is to be made, and nothing is', async () => {
    const { steps, changeSummary } = await engine.preview();
    expect(changeSummary).to.deep.equal({ create: steps.length });
    expect(engine.cloud).to.deep.equal([]);
  });

  it('makes what it asks mocks for', async () => {
    const { create = 0, ...others } = await engine.up();
    expect(others).to.deep.equal({});
    expect(engine.cloud).to.deep.equal(wanted.filter((one) => !one.startsWith('pulumi:')).sort());
    expect((await engine.state()).size).to.equal(create);
    expect(await engine.outputs()).to.deep.include(told);
  });

  it('changes nothing when it is run again', async () => {
    expect(changing(await engine.preview())).to.deep.equal([]);
    expect(await engine.up()).to.deep.equal({ same: (await engine.state()).size });
  });

  it('changes the shards of both streams, and nothing else, for another number of shards', async () => {
    engine.configure(withShards(3));
    const before = await engine.state();
    const streams = ['batches', 'notifications'].map((what) => `lazuli-dev-${what}`);
    // Previewed is also what refers to a stream: the stand-in doesn't say beforehand that its ARN stays.
    expect(changing(await engine.preview())).to.include.members(streams.map((name) => `update ${name}`));
    expect(await engine.up()).to.deep.equal({ same: before.size - 2, update: 2 });
    const shards = streams.map((name) => [name, [['shardCount', 2, 3]]]);
    expect(changes(before, await engine.state())).to.deep.equal(shards);
  });

  it('is not destroyed where the stack protects data', async () => {
    const before = engine.cloud;
    const { code, all } = await engine.destroy();
    expect(code).to.not.equal(0);
    expect(all).to.include('protected');
    expect(engine.cloud).to.deep.equal(before);
  });

  it('is destroyed wholly once the stack does not', async () => {
    engine.configure(withShards(3, false));
    await engine.up();
    const { code, all } = await engine.destroy();
    expect(code, all).to.equal(0);
    expect(engine.cloud).to.deep.equal([]);
    expect([...(await engine.state()).keys()]).to.deep.equal([]);
  });
});
