import { expect } from 'chai';
import { z } from 'zod';
import { stackSchema } from '../../infra/configuration.ts';
import { page, rows } from '../rigs/docs/pages.ts';

interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly anyOf?: readonly Node[];
  readonly default?: unknown;
}

/** Described elsewhere, because it is the application's own; or by the row of its parent. */
const elsewhere = ['catalogs', 'limits', 'exports'];

/** Members with their defaults as JSON. A choice has a row of its own and those of its last alternative. */
function members(node: Node, path = ''): readonly (readonly string[])[] {
  const value = node.default === undefined ? '' : JSON.stringify(node.default);
  if (elsewhere.includes(path)) return [[path, '']];
  if (node.anyOf !== undefined) return [[path, value], ...members(node.anyOf.at(-1) ?? {}, path)];
  if (node.properties === undefined) return [[path, value]];
  return Object.entries(node.properties).flatMap(([name, child]) =>
    members(child, path === '' ? name : `${path}.${name}`),
  );
}

describe('The page on deploying', () => {
  it('lists every member of the configuration of a stack with its default', () => {
    const schema = z.toJSONSchema(stackSchema, { io: 'input' }) as Node;
    const documented = rows(page('docs/deploying.md'), 'member').map(([member, value]) => [member, value]);
    expect(documented).to.deep.equal(members(schema));
  });
});
