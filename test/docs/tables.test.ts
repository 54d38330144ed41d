import { expect } from 'chai';
import { z } from 'zod';
import { program } from '../../cli/program.ts';
import { errors } from '../../core/config/errors.ts';
import { settingsSchema } from '../../core/config/settings.ts';
import { printed } from '../rigs/cli/printed.ts';
import { page, rows } from '../rigs/docs/pages.ts';

interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: Node | boolean;
  readonly default?: unknown;
}

/** Members that are no objects, with their defaults as JSON. Members of a map are those of `<name>`. */
function leaves({ properties, additionalProperties, ...node }: Node, path = ''): readonly (readonly string[])[] {
  const at = (name: string): string => (path === '' ? name : `${path}.${name}`);
  if (properties !== undefined) return Object.entries(properties).flatMap(([name, child]) => leaves(child, at(name)));
  if (typeof additionalProperties === 'object') return leaves(additionalProperties, at('<name>'));
  return [[path, node.default === undefined ? '' : JSON.stringify(node.default)]];
}

describe('The tables of the documentation', () => {
  it('list every member of the settings with its default', () => {
    const schema = z.toJSONSchema(settingsSchema, { io: 'input' }) as Node;
    const documented = rows(page('docs/operating.md'), 'member').map(([member, value]) => [member, value]);
    expect(documented).to.deep.equal(leaves(schema));
  });

  it('list every error with its status and disposition', () => {
    const documented = rows(page('docs/operating.md'), 'code').map((row) => row.slice(0, 3));
    const catalogue = Object.entries(errors).map(([code, { status, disposition }]) => [code, `${status}`, disposition]);
    expect(documented).to.deep.equal(catalogue);
  });

  it('list every command', () => {
    const commands = program(printed().output).commands.map((command) => `lazuli ${command.name()}`);
    expect(rows(page('README.md'), 'command').map(([command]) => command)).to.have.members(commands);
  });
});
