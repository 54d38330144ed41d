import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { clone } from '../../cli/clone.ts';
import { blocks, type Page, page, pages } from '../rigs/docs/pages.ts';

/** Files of the clone, in the repository or about to be, by their paths from its root. */
const files = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: clone,
  encoding: 'utf8',
})
  .stdout.split('\n')
  .filter((file) => file !== '' && existsSync(join(clone, file)));
const sources = files.filter((file) => /\.(ts|js)$/.test(file));
const read = (file: string): string => readFileSync(join(clone, file), 'utf8');

/** Text without fenced blocks. */
const prose = ({ text }: Page): string => text.replace(/^```[\s\S]*?^```$/gm, '');

/** Anchors of a page's headings, as Git hosts make them. */
function anchors(target: Page): readonly string[] {
  return [...prose(target).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function isBroken(from: Page, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? from.path : join(dirname(from.path), path);
  if (!existsSync(join(clone, target))) return true;
  return anchor !== undefined && !anchors(page(target)).includes(anchor);
}

describe('The documentation', () => {
  it('links to pages and headings that exist', () => {
    const broken = pages().flatMap((from) =>
      [...prose(from).matchAll(/\]\(([^)]+)\)/g)]
        .map(([, link = '']) => link)
        .filter((link) => !/^https?:/.test(link) && isBroken(from, link))
        .map((link) => `${from.path}: ${link}`),
    );
    expect(broken).to.deep.equal([]);
  });

  it('names files and folders that exist', () => {
    const rooms = /`((?:bin|cli|core|exports|infra|ingest|plugins|query|test|transform)\/[\w./-]*)`/g;
    const missing = pages().flatMap((from) =>
      [...prose(from).matchAll(rooms)]
        .map(([, path = '']) => path)
        .filter((path) => !existsSync(join(clone, path)))
        .map((path) => `${from.path}: ${path}`),
    );
    expect(missing).to.deep.equal([]);
  });

  it('quotes files as they are', () => {
    const quotes = pages().flatMap(blocks);
    const stale = quotes.filter(({ quoted, text }) => quoted !== undefined && !read(quoted).includes(text));
    expect(stale.map(({ text }) => text)).to.deep.equal([]);
    expect(quotes.filter(({ quoted }) => quoted !== undefined)).to.not.be.empty;
  });

  it('has every page of its own that comments name', () => {
    const named = sources.flatMap((file) => [...read(file).matchAll(/\bdocs\/[\w-]+\.md\b/g)].map(([path]) => path));
    expect([...new Set(named)].filter((path) => !existsSync(join(clone, path)))).to.deep.equal([]);
  });

  it('explains every environment variable of our own', () => {
    const text = page('docs/operating.md').text + page('docs/developing.md').text;
    const own = /\b(?:LAZULI_[A-Z_]+|OPENSEARCH_URL|AWS_ENDPOINT_URL_KINESIS)\b/g;
    const used = new Set(sources.flatMap((file) => [...read(file).matchAll(own)].map(([name]) => name)));
    expect([...used].filter((name) => !text.includes(`\`${name}\``))).to.deep.equal([]);
  });

  it('has every invariant that code cites, and cites none that it does not have', () => {
    const numbers = [...page('docs/architecture.md').text.matchAll(/^\*\*(\d+)\. /gm)].map(([, n]) => Number(n));
    expect(numbers).to.deep.equal(numbers.map((_, i) => i + 1));
    const cited = sources.flatMap((file) =>
      [...read(file).matchAll(/\binvariants? ((?:\d+(?:[–-]|, | and )?)+)/g)].flatMap(([, list = '']) =>
        [...list.matchAll(/\d+/g)].map(Number),
      ),
    );
    expect(cited.filter((number) => !numbers.includes(number))).to.deep.equal([]);
    expect(cited).to.not.be.empty;
  });
});
