import { expect } from 'chai';
import { LazuliError } from '../../core/config/errors.ts';
import { parseStack } from '../../infra/parse.ts';
import { dev, personal, stackFiles } from './stack-files.ts';

function refusal(name: string, input: unknown): string {
  try {
    parseStack(name, input);
  } catch (error) {
    if (error instanceof LazuliError && error.code === 'configuration_invalid') return error.message;
    throw error;
  }
  return 'accepted';
}

describe('The configuration of a stack', () => {
  for (const { name, input } of stackFiles) {
    it(`is accepted as it is in the repository: ${name}`, () => {
      expect(refusal(name, input)).to.equal('accepted');
    });
  }

  for (const name of ['a', 'Dev', '1dev', 'my-dev', 'my_dev', 'dév', '', 'a'.repeat(17), '__proto__']) {
    it(`refuses a stack named '${name}'`, () => {
      expect(refusal(name, dev.input)).to.include(`the name of the stack: ${JSON.stringify(name)} is not allowed`);
    });
  }

  for (const name of ['d2', 'dev', 'a'.repeat(16)]) {
    it(`accepts a stack named '${name}'`, () => expect(refusal(name, dev.input)).to.equal('accepted'));
  }

  const wrong: readonly (readonly [string, Readonly<Record<string, unknown>>, string])[] = [
    ['a missing value', { owner: undefined }, 'lazuli:stack.owner: it is missing: '],
    [
      'a wrong account',
      { account: '12' },
      'lazuli:stack.account: "12" is not allowed: the 12 digits of an AWS account',
    ],
    [
      'an image by its tag',
      { image: 'lazuli:latest' },
      'lazuli:stack.image: "lazuli:latest" is not allowed: <repository>@sha256:',
    ],
    [
      'a number out of range',
      { streams: { shards: 0 } },
      'lazuli:stack.streams.shards: 0 is not allowed: Too small: expected number to be >=1',
    ],
    ['an unknown key', { stream: {} }, 'lazuli:stack.stream: there is no such key'],
    [
      'a choice that is none',
      { logDays: 7 },
      'lazuli:stack.logDays: 7 is not allowed: Invalid option: expected one of 30|60|90',
    ],
    [
      'a wrong domain of its own',
      { search: { nodes: '2' } },
      'lazuli:stack.search.nodes: "2" is not allowed: Invalid input: expected number',
    ],
    [
      'a wrong shared domain',
      { search: { sharedWith: 'dev' } },
      'lazuli:stack.search.sharedWith: "dev" is not allowed: <organization>/<project>/<stack>',
    ],
    [
      'nodes that zones do not divide',
      { search: { nodes: 3 } },
      'lazuli:stack.search.nodes: 3 is not allowed: a multiple of search.zones, which is 2',
    ],
    [
      'a maximum below the minimum',
      { roles: { query: { minimum: 9 } } },
      'lazuli:stack.roles.query.maximum: it is missing: at least roles.query.minimum, which is 9',
    ],
    [
      'more zones of the domain than of the network',
      { search: { nodes: 3, zones: 3 } },
      'lazuli:stack.search.zones: 3 is not allowed: at most network.zones, which is 2',
    ],
    [
      'memory that Fargate has not with that CPU',
      { roles: { ingest: { size: { cpu: 256, memory: 4096 } } } },
      'lazuli:stack.roles.ingest.size.memory: 4096 is not allowed: with 256 units of CPU Fargate takes 512, 1024, 2048',
    ],
    [
      'memory that Fargate has not with the CPU that is meant by default',
      { roles: { query: { size: { memory: 8192 } } } },
      'lazuli:stack.roles.query.size.memory: 8192 is not allowed: with 512 units of CPU Fargate takes 1024, 2048',
    ],
    [
      'memory of export workers that is less than exports need',
      { exports: { memoryBytes: 2 ** 31 } },
      'lazuli:stack.roles.export.size.memory: it is missing: at least 2560: exports.memoryBytes',
    ],
    [
      'a disk of export workers that is smaller than exports need',
      { roles: { export: { volumeGiB: 20 } } },
      'lazuli:stack.roles.export.volumeGiB: 20 is not allowed: at least 68: exports.temporaryBytes',
    ],
    ['a key of exports', { exports: { keyFile: '/key' } }, 'lazuli:stack.exports.keyFile: there is no such key'],
    [
      'a name too long for a certificate',
      { domain: { ...(dev.input.domain as object), query: `${'a'.repeat(53)}.example.org` } },
      `lazuli:stack.domain.query: "${'a'.repeat(53)}.example.org" is not allowed: at most 64 characters`,
    ],
    [
      'one name for both roles',
      { domain: { zoneId: 'Z1', query: 'a.example.org', indexer: 'a.example.org' } },
      'lazuli:stack.domain.indexer: "a.example.org" is not allowed: another name than domain.query',
    ],
    ['a region of another partition', { region: 'cn-north-1' }, 'lazuli:stack.region: "cn-north-1" is not allowed: '],
    [
      'a budget that the idle stack exceeds',
      { budgetDollars: 100 },
      'lazuli:stack.budgetDollars: 100 is not allowed: ',
    ],
    [
      'a tenant that is no stack',
      { search: { tenants: ['My-Dev'] } },
      'lazuli:stack.search.tenants.0: "My-Dev" is not',
    ],
    [
      'a wrong limit of the application',
      { limits: { batchRows: 0 } },
      'lazuli:stack.limits.batchRows: 0 is not allowed: ',
    ],
    ['a wrong catalog', { catalogs: { HCA: dev.input.catalogs } }, 'lazuli:stack.catalogs.HCA.atlas: it is missing: '],
  ];
  for (const [what, change, message] of wrong) {
    it(`names key, value and what is allowed: ${what}`, () => {
      expect(refusal('dev', { ...dev.input, ...change })).to.include(message);
    });
  }

  it('names all that is missing', () => {
    const keys = refusal('dev', undefined)
      .split('\n')
      .map((line) => line.split(':')[1]);
    const required = [
      'account',
      'owner',
      'billing',
      'image',
      'domain',
      'search',
      'catalogs',
      'monitoring',
      'budgetDollars',
    ];
    expect(keys).to.deep.equal(required.map((key) => `stack.${key}`));
  });

  it('refuses catalogs that the application would refuse', () => {
    const catalogs = { 'hca-it': { ...(dev.input.catalogs as { hca: object }).hca } };
    expect(refusal('dev', { ...dev.input, catalogs })).to.include("catalog 'hca-it' is an integration-test catalog");
  });

  it('shares the domain of another stack', () => {
    expect(parseStack('alice2', personal.input).search).to.deep.equal({ sharedWith: 'organization/lazuli/dev' });
  });
});
