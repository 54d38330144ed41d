import { expect } from 'chai';
import { paceLine } from '../bench/machine/pace.ts';
import { headroom, type Line, type Reported, verdict } from '../bench/measurement.ts';
import { kindOf } from '../bench/parts/building.ts';
import { logAxis } from '../bench/report/lines.ts';
import { renderPlot } from '../bench/report/plot.ts';
import { renderTables } from '../bench/report/table.ts';
import { shares } from '../bench/sections/profile.ts';
import { scaleWorld, sizes } from '../bench/sizes.ts';
import { median, quantile, shown } from '../bench/statistics.ts';

const ratio: Reported = {
  section: 'rebuild',
  name: 'rebuild ÷ bare <client>',
  value: 0.9,
  unit: 'ratio',
  target: { bound: 'least', value: 0.8 },
};
const wait: Reported = {
  section: 'latency',
  name: 'searchable',
  value: 4,
  unit: 's',
  target: { bound: 'most', value: 2 },
  note: '30 times',
};
const rate: Reported = { section: 'rebuild', name: 'rebuild', value: 1234.5, unit: 'documents/s' };
const line: Line = {
  name: 'rebuild',
  unit: 's',
  points: [
    { bundles: 1000, value: 3 },
    { bundles: 10_000, value: 30 },
  ],
};

describe('the report of a benchmark', () => {
  it('takes medians and quantiles, whatever the order', () => {
    expect(median([5, 1, 3])).to.equal(3);
    expect(median([4, 1, 3, 2])).to.equal(2.5);
    expect(quantile([1, 2, 3, 4, 5], 0.95)).to.be.closeTo(4.8, 1e-9);
    expect(() => median([])).to.throw(RangeError);
  });

  it('shows three digits that matter', () => {
    expect([0.1234, 12.345, 123.45, 12345.6, 7].map(shown)).to.deep.equal(['0.12', '12.3', '123', '12,346', '7']);
  });

  it('tells how far a long step is, and how much is left', () => {
    expect(paceLine('bundles', 25_000, 100_000, 20)).to.equal('  25,000 of 100,000 bundles, 60 s left');
    expect(paceLine('bundles', 10_000, 100_000, 100)).to.equal('  10,000 of 100,000 bundles, 15 min left');
    expect(paceLine('bundles', 7, null, 1)).to.equal('  7 bundles');
  });

  it('compares figures with their targets, in either direction', () => {
    expect([ratio, wait, rate].map(headroom)).to.deep.equal([1.125, 0.5, null]);
    expect([ratio, wait, rate].map(verdict)).to.deep.equal(['met', 'missed', '']);
  });

  it('prints a row for each figure, then the tables that explain them', () => {
    const text = renderTables([ratio, wait, rate], [{ title: 'why', head: ['part', 's'], rows: [['sum', 1]] }]);
    expect(text.split('\n')).to.deep.equal([
      'section  figure                   value              target          note',
      'rebuild  rebuild ÷ bare <client>  0.90               ≥ 0.80  met',
      'latency  searchable               4 s                ≤ 2 s   missed  30 times',
      'rebuild  rebuild                  1,235 documents/s',
      '',
      'why',
      'part  s',
      'sum   1',
    ]);
  });

  it('draws whole decades around all values', () => {
    const { low, high, ticks, at } = logAxis([3, 30], 0, 100);
    expect({ low, high, ticks }).to.deep.equal({ low: 1, high: 100, ticks: [1, 10, 100] });
    expect([1, 10, 100].map(at)).to.deep.equal([0, 50, 100]);
    expect(logAxis([10], 0, 100).ticks).to.deep.equal([10, 100]);
  });

  it('has room for the longest name of each panel, and says that longer is better', () => {
    const name = 'a figure whose name is longer than any that somebody would have thought of when the picture was made';
    const svg = renderPlot(
      [
        { ...ratio, name },
        { ...wait, name },
      ],
      [{ ...line, name }],
    );
    const width = Number(/^<svg [^>]*width="(\d+)"/.exec(svg)?.[1]);
    const texts = /<text x="([\d.]+)" y="[\d.]+" font-size="(\d+)" fill="[^"]+" text-anchor="(\w+)"[^>]*>([^<]*)</g;
    const all = [...svg.matchAll(texts)];
    expect(all).to.have.length(svg.split('<text').length - 1);
    expect(all.filter(([, , , , content = '']) => content.includes(name))).not.to.be.empty;
    for (const [, x = '', size = '', anchor = '', content = ''] of all) {
      const room = content.length * Number(size) * 0.6;
      const left = Number(x) - { start: 0, middle: room / 2, end: room }[anchor as 'start' | 'middle' | 'end'];
      expect(left, content).to.be.at.least(0);
      expect(left + room, content).to.be.at.most(width);
    }
    expect(svg).to.contain('the longer a bar, the better');
  });

  it('plots figures that have a target, and lines', () => {
    const svg = renderPlot([ratio, wait, rate], [line]);
    expect(svg).to.match(/^<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    expect(svg).to.contain('rebuild ÷ bare &lt;client&gt;').and.to.contain('4 s  (≤ 2 s, missed)');
    expect(svg).to.contain('Seconds by bundles').and.not.to.contain('Memory (MB)');
    expect(svg).not.to.match(/NaN|Infinity|undefined/);
    expect(renderPlot([], [])).to.contain('<svg');
  });

  it('names statements by what they make, and sums up the small ones', () => {
    expect(kindOf('CREATE OR REPLACE TEMP TABLE wanted AS SELECT 1')).to.equal('wanted');
    expect(kindOf('SELECT encode(string_agg(line))')).to.equal('bulk bodies');
    expect(shares({ a: 1, b: 6, c: 1, d: 2 }, 2)).to.deep.equal([
      ['b', '6', '60'],
      ['d', '2', '20'],
      ['2 others', '2', '20'],
    ]);
  });

  it('multiplies sizes by ten, so that growth can be judged', () => {
    for (const { scale } of Object.values(sizes)) {
      const steps = scale.bundles.slice(1).map((bundles, i) => bundles / (scale.bundles[i] ?? 0));
      expect(new Set(steps)).to.deep.equal(new Set([10]));
    }
    expect(scaleWorld(10, 1)).to.include({ bundles: 10, skew: 1, versions: 0, deletions: 0 });
  });

  it('exports far more files in the end than at first, so that memory can be judged', () => {
    for (const { exports } of Object.values(sizes)) {
      const steps = exports.files.slice(1).map((files, i) => files / (exports.files[i] ?? 0));
      expect(steps.length > 0 && steps.every((step) => step >= 4)).to.equal(true);
    }
    expect(sizes.full.exports.files.at(-1)).to.equal(500_000);
  });
});
