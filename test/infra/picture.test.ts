import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { clone } from '../../cli/clone.ts';
import { concernsOf } from './graph.ts';
import { picture } from './picture.ts';
import { record } from './recording.ts';
import { dev } from './stack-files.ts';

describe('The graph of resources', () => {
  it('is drawn in the documentation as it is (LAZULI_UPDATE=1 draws it)', async () => {
    const file = join(clone, 'docs/pictures/infrastructure.svg');
    const drawn = picture(concernsOf(await record(dev)), ['Keys', 'Cluster']);
    if (process.env.LAZULI_UPDATE === '1') writeFileSync(file, drawn);
    expect(existsSync(file) ? readFileSync(file, 'utf8') : null).to.equal(drawn);
  });

  it('has every concern after those that it uses', async () => {
    const concerns = concernsOf(await record(dev));
    const titles = concerns.map(({ title }) => title);
    for (const { title, uses } of concerns) {
      for (const used of uses) expect(titles.indexOf(used), `${title} uses ${used}`).to.be.below(titles.indexOf(title));
    }
  });
});
