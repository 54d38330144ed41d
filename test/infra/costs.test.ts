import { expect } from 'chai';
import { type Costs, monthly, perMillionBundles } from '../../infra/costs.ts';
import { parseStack } from '../../infra/parse.ts';
import { page, rows } from '../rigs/docs/pages.ts';
import { dev, prod } from './stack-files.ts';

const small = {
  ...dev,
  input: {
    ...dev.input,
    search: { instanceType: 't3.medium.search', nodes: 1, zones: 1, volumeGiB: 20 },
    streams: { shards: 1 },
    roles: { transform: { size: { cpu: 1024, memory: 4096 }, volumeGiB: 20 }, query: { minimum: 1, maximum: 1 } },
  },
};

const dollars = (amount: number): string => amount.toFixed(amount < 10 ? 2 : 0);

describe('The costs of a stack', () => {
  it('are in the documentation as the program computes them', () => {
    const stacks = { small, 'default (`Pulumi.dev.yaml`)': dev, 'large (`Pulumi.prod.yaml`)': prod };
    const computed = Object.entries(stacks).map(([what, { name, input }]) => {
      const { tasks, disks, search, streams, network, other }: Costs = monthly(parseStack(name, input));
      const parts = [tasks, disks, search, streams, network, other];
      return [what, ...[...parts, parts.reduce((sum, part) => sum + part, 0)].map(dollars)];
    });
    expect(rows(page('docs/deploying.md'), 'stack')).to.deep.equal(computed);
  });

  it('of a million bundles are in the documentation as the program computes them', () => {
    const { once, month } = perMillionBundles();
    expect(page('docs/deploying.md').text).to.include(
      `A million bundles cost ${dollars(once)} dollars once and ${dollars(month)} dollars a month`,
    );
  });
});
