import { join } from 'node:path';
import { expect } from 'chai';
import { freePair } from '../../cli/engines/ports.ts';
import { lazuli, temporaryFolder } from '../rigs/cli/lazuli.ts';
import { Stack } from '../rigs/cli/stack.ts';
import { blocks, page } from '../rigs/docs/pages.ts';
import { engines } from '../rigs/engines.ts';

/** Where the page has its example. */
const shown = '/tmp/recordings';
const commands = blocks(page('docs/plug-ins.md')).find(({ text }) => text.includes('plugin new'))?.text ?? '';

interface List {
  readonly hits: readonly { readonly entryId: string; readonly totalSeconds: number }[];
  readonly termFacets: Readonly<Record<string, { readonly terms: readonly unknown[] }>>;
}

describe('The worked example of the page on plug-ins', function () {
  this.timeout(400_000);
  const folder = temporaryFolder();
  after(() => folder[Symbol.dispose]());
  const lines = commands.trimEnd().replaceAll(shown, join(folder.path, 'recordings')).split('\n');
  /** The words of a command after those. */
  const wordsAfter = (beginning: string, line = ''): readonly string[] => {
    expect(line.startsWith(beginning), line).to.equal(true);
    return line.slice(beginning.length).split(' ');
  };

  it('runs by the commands that the page shows', async () => {
    const [create, check, start, ask = ''] = lines;
    expect(lines).to.have.lengthOf(4);
    for (const line of [create, check]) {
      const { code, out, err } = await lazuli(wordsAfter('node bin/lazuli.js ', line));
      expect(code, out + err).to.equal(0);
    }
    const port = await freePair();
    const args = [...wordsAfter('npm start -- ', start), '--port', String(port)];
    const stack = new Stack(join(folder.path, 'data'), args, { OPENSEARCH_URL: await engines.opensearch() });
    try {
      await stack.printing(/^ready: /m);
      const [, url = ''] = /'(.+)'/.exec(ask.replace(':8000', `:${port}`)) ?? [];
      const { hits, termFacets } = (await (await fetch(url)).json()) as List;
      expect(hits.map(({ entryId, totalSeconds }) => [entryId, totalSeconds])).to.deep.equal([
        ['concerto', 900],
        ['variations', 480],
      ]);
      expect(termFacets.artistName?.terms).to.deep.equal([
        { term: 'Glenn', count: 2 },
        { term: 'City Orchestra', count: 1 },
      ]);
    } finally {
      await stack.end('SIGTERM');
    }
  });
});
