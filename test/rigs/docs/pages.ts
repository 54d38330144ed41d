import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { clone } from '../../../cli/clone.ts';

/** A page of documentation, by its path from the root of the clone. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

/** A fenced block. `quoted` is the file that the comment before it says it quotes. */
export interface Block {
  readonly language: string;
  readonly text: string;
  readonly quoted: string | undefined;
}

/** README and everything in docs. */
export function pages(): readonly Page[] {
  const names = readdirSync(join(clone, 'docs'), { recursive: true, encoding: 'utf8' });
  const inDocs = names.filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`);
  return ['README.md', ...inDocs].map(page);
}

export function page(path: string): Page {
  return { path, text: readFileSync(join(clone, path), 'utf8') };
}

export function blocks({ text }: Page): readonly Block[] {
  const found = text.matchAll(/(?:^<!-- quote (\S+) -->\n)?^```(\w*)\n([\s\S]*?)^```$/gm);
  return [...found].map(([, quoted, language = '', block = '']) => ({ language, text: block, quoted }));
}

/** Rows of the table whose first heading is `first`, cell by cell, without back-quotes around them. */
export function rows({ text, path }: Page, first: string): readonly (readonly string[])[] {
  const lines = text.split('\n');
  const head = lines.findIndex((line) => line.startsWith(`| ${first} |`));
  if (head < 0) throw new Error(`${path} has no table of ${first}`);
  const rest = lines.slice(head + 2);
  const end = rest.findIndex((line) => !line.startsWith('|'));
  return rest.slice(0, end < 0 ? undefined : end).map(cells);
}

function cells(line: string): readonly string[] {
  return line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim().replace(/^`([^`]*)`$/, '$1'));
}
