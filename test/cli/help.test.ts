import { expect } from 'chai';
import type { Command } from 'commander';
import { main, program } from '../../cli/program.ts';
import { printed } from '../rigs/cli/printed.ts';

/** Every command with the words that call it. */
function* commands(command: Command, path: readonly string[] = []): Generator<readonly [readonly string[], Command]> {
  yield [path, command];
  for (const child of command.commands) yield* commands(child, [...path, child.name()]);
}

describe('help', () => {
  it('exists for every command, with what it is for', async () => {
    const all = [...commands(program(printed().output))];
    expect(all.map(([path]) => path.join(' '))).to.include.members([
      ...['up', 'run', 'generate', 'bundle add', 'bundle delete', 'index create', 'index delete', 'index list'],
      ...['dead-letters list', 'dead-letters show', 'dead-letters redrive', 'dead-letters drop'],
      ...['sql', 'status', 'reindex', 'runs list', 'runs show', 'runs cancel', 'runs resume', 'verify'],
      ...['generation list', 'generation rollback', 'generation drop', 'pause', 'resume'],
    ]);
    for (const [path, command] of all) {
      const { lines, output } = printed();
      expect(await main([...path, '--help'], output), path.join(' ')).to.equal(0);
      expect(command.description(), path.join(' ')).to.match(/\.$/);
      expect(lines.out.join('\n').replaceAll(/\s+/g, ' ')).to.include(command.description());
      expect(lines.err).to.deep.equal([]);
    }
  });

  it('has examples for every command of the first level', async () => {
    for (const command of program(printed().output).commands) {
      const { lines, output } = printed();
      await main([command.name(), '--help'], output);
      expect(lines.out.join('\n'), command.name()).to.include('Examples:\n  ');
    }
  });

  it('says what it documents: every option has a description', () => {
    for (const [path, command] of commands(program(printed().output))) {
      for (const option of command.options)
        expect(option.description, `${path.join(' ')} ${option.flags}`).not.to.equal('');
    }
  });
});
