import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Catalog } from '../../core/config/catalogs.ts';
import { parseSettings } from '../../core/config/settings.ts';
import { withCatalogs } from '../../infra/catalogs-file.ts';
import { catalogsOf, manyCatalogs } from '../rigs/models/many-catalogs.ts';
import type { Inputs } from './made.ts';
import { type Recording, record } from './recording.ts';
import { prod } from './stack-files.ts';

/** What Linux takes as one variable of a process (execve(2)), and ECS as a task definition. */
const most = { variable: 128 * 1024, taskDefinition: 64 * 1024 };

const stackOf = (catalogs: Readonly<Record<string, Catalog>>) => ({
  ...prod,
  input: { ...prod.input, catalogs, authentication, budgetDollars: 100_000 },
});
const authentication = {
  ...{ name: 'oidc', issuer: 'https://login.example', audience: 'prod' },
  signIn: { page: { clientId: 'page' } },
};

for (const [catalogs, sources] of [
  [8, 470],
  [10, 1000],
] as const) {
  describe(`A stack with ${catalogs} catalogs of ${sources} sources`, () => {
    const declared = catalogsOf(catalogs, sources);
    let recording: Recording;
    before(async () => {
      recording = await record(stackOf(declared));
    });

    it('has settings that no variable holds, in an object that tasks read', () => {
      const [settings, ...others] = recording.of('aws:s3/bucketObjectv2:BucketObjectv2');
      expect(others).to.deep.equal([]);
      const content = String(settings?.inputs.content);
      expect(content.length).to.be.above(most.variable);
      const parsed = parseSettings(JSON.parse(content), 'test');
      expect(parsed.catalogs).to.deep.equal(declared);
      expect(parsed.authentication).to.deep.equal(authentication);
    });

    it('has task definitions that ECS takes', () => {
      const tasks = recording.of('aws:ecs/taskDefinition:TaskDefinition');
      expect(tasks).to.have.length(catalogs + 6);
      for (const { name, inputs } of tasks)
        expect(JSON.stringify(inputs).length, name).to.be.below(most.taskDefinition / 4);
    });
  });
}

describe('A stack with many catalogs', () => {
  const { input } = stackOf(manyCatalogs);
  const folder = mkdtempSync(join(tmpdir(), 'lazuli-'));
  after(() => rmSync(folder, { recursive: true }));

  it('may have its catalogs in a file, because Pulumi hands its configuration over in a variable', async () => {
    writeFileSync(join(folder, 'prod.catalogs.json'), JSON.stringify(manyCatalogs));
    const named = { ...input, catalogs: 'prod.catalogs.json' };
    expect(JSON.stringify(named).length).to.be.below(most.variable / 4);
    expect(withCatalogs(named, folder)).to.deep.equal(input);
    expect(withCatalogs(input, folder)).to.equal(input);
    const nothing: Inputs = {};
    expect([withCatalogs(nothing, folder), withCatalogs(undefined, folder)]).to.deep.equal([nothing, undefined]);
  });

  it('is refused where that file is missing, or is no JSON', () => {
    writeFileSync(join(folder, 'half.json'), '{');
    for (const catalogs of ['missing.json', 'half.json']) {
      expect(() => withCatalogs({ ...input, catalogs }, folder))
        .to.throw(`lazuli:stack.catalogs: ${catalogs}: `)
        .with.property('code', 'configuration_invalid');
    }
  });
});
