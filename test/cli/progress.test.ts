import { expect } from 'chai';
import { Pace, plainSteps, type Stage } from '../../cli/up/progress.ts';

const staged = (done: number): Stage => ({ name: 'staged', unit: 'bundles', done, total: 60 });

describe('progress', () => {
  it('has rate and time left, from what moved since the first look', () => {
    let now = 0;
    const pace = new Pace(() => now);
    expect(pace.describe(staged(0))).to.equal('staged 0/60 bundles');
    now = 2000;
    expect(pace.describe(staged(20))).to.equal('staged 20/60 bundles, 10.0/s, ETA 4.0 s');
    now = 5000;
    expect(pace.describe(staged(60))).to.equal('staged 60/60 bundles, 12.0/s');
    now = 60_000;
    expect(pace.describe(staged(60))).to.equal('staged 60/60 bundles, 12.0/s');
  });

  it('is at most a line every two seconds where it is no terminal, and the last state', async () => {
    let now = 0;
    const lines: string[] = [];
    await plainSteps({ out: (line) => lines.push(line) }, () => now).follow(async (show) => {
      for (let i = 0; i <= 50; i += 10) {
        show([staged(i)]);
        now += 500;
      }
      show([staged(60)]);
    });
    expect(lines).to.deep.equal([
      'staged 0/60 bundles',
      'staged 40/60 bundles, 20.0/s, ETA 1.0 s',
      'staged 60/60 bundles, 20.0/s',
    ]);
  });

  it('says what a step took, and gives its result', async () => {
    let now = 0;
    const lines: string[] = [];
    const result = await plainSteps({ out: (line) => lines.push(line) }, () => now).run('OpenSearch', async (say) => {
      say('obtaining it');
      now = 3210;
      return 42;
    });
    expect(result).to.equal(42);
    expect(lines).to.deep.equal(['OpenSearch: obtaining it', 'OpenSearch: ready after 3.2 s']);
  });
});
