import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Command } from 'commander';
import ts from 'typescript';
import { clone } from '../../cli/clone.ts';
import { main, program } from '../../cli/program.ts';
import { printed } from '../rigs/cli/printed.ts';
import { page, pages, rows } from '../rigs/docs/pages.ts';

/** Something that people read, and where it is. */
interface Prose {
  readonly where: string;
  readonly text: string;
}

const vocabulary = 'docs/vocabulary.md';
const listed = (heading: string): readonly string[] =>
  rows(page(vocabulary), heading).flatMap(([words = '']) => words.replace(/ \(.*\)$/, '').split(', '));
const unwanted = new RegExp(
  `\\b(?:${[...listed('retired'), ...listed('not')].map((words) => words.replaceAll(' ', '[\\s*]+')).join('|')})\\b(?! apart)`,
  'i',
);

/** Without names in back-quotes, which are those of things that are stored or sent. */
const withoutNames = (text: string): string => text.replace(/^```[\s\S]*?^```$/gm, '').replace(/`[^`]*`/g, '');

const found = (all: Iterable<Prose>): readonly string[] =>
  [...all].flatMap(({ where, text }) => {
    const [word] = unwanted.exec(withoutNames(text)) ?? [];
    return word === undefined ? [] : [`${where}: ${word}`];
  });

/** Paragraphs, items and rows of a page. */
function* paragraphs(): Generator<Prose> {
  for (const { path, text } of pages())
    if (path !== vocabulary)
      for (const [i, line] of text
        .replace(/^```[\s\S]*?^```$/gm, (block) => block.replace(/[^\n]/g, ''))
        .split('\n')
        .entries())
        yield { where: `${path}:${i + 1}`, text: line };
}

async function helpTexts(command: Command, path: readonly string[] = []): Promise<readonly Prose[]> {
  const { lines, output } = printed();
  await main([...path, '--help'], output);
  const own = { where: `lazuli ${path.join(' ')} --help`, text: lines.out.join('\n') };
  const children = await Promise.all(command.commands.map((child) => helpTexts(child, [...path, child.name()])));
  return [own, ...children.flat()];
}

const rooms = ['bin', 'core', 'plugins', 'ingest', 'transform', 'query', 'cli', 'infra'];
const sources = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', ...rooms], {
  cwd: clone,
  encoding: 'utf8',
})
  .stdout.split('\n')
  .filter((file) => /\.(ts|js)$/.test(file) && existsSync(join(clone, file)));

/** Texts of more than a word, which may be shown, and comments. */
function proseOf(file: string): readonly Prose[] {
  const text = readFileSync(join(clone, file), 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const prose = new Map<number, string>();
  const visit = (node: ts.Node): void => {
    if ((ts.isStringLiteralLike(node) || ts.isTemplateLiteralToken(node)) && node.text.includes(' '))
      prose.set(node.getStart(), node.text);
    for (const { pos, end } of ts.getLeadingCommentRanges(text, node.getFullStart()) ?? [])
      prose.set(pos, text.slice(pos, end));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return [...prose].map(([position, words]) => {
    return { where: `${file}:${source.getLineAndCharacterOfPosition(position).line + 1}`, text: words };
  });
}

describe('Words of the vocabulary', () => {
  it('are those of all pages: none is retired', () => {
    expect(found(paragraphs())).to.deep.equal([]);
  });

  it('are those of all help texts', async () => {
    expect(found(await helpTexts(program(printed().output)))).to.deep.equal([]);
  });

  it('are those of messages and comments', () => {
    expect(found(sources.flatMap(proseOf))).to.deep.equal([]);
  });

  it('are looked for: a retired one would be found', () => {
    const texts = ['It rebuilds.', 'Restaging ends', 'as\never', 'names `rebuild` only', 'building'];
    const all = texts.map((text) => ({ where: text, text }));
    expect(found(all)).to.deep.equal(['It rebuilds.: rebuilds', 'Restaging ends: Restaging', 'as\never: as\never']);
  });
});
