import { expect } from 'chai';
import fc from 'fast-check';
import { byCodePoint } from '../../../core/config/text.ts';
import { parseVerbatim } from '../../../core/model/json.ts';
import { parseStrata, printStratum } from '../../../plugins/metadata/hca/declared/strata.ts';
import { distinctSorted } from '../../../plugins/metadata/hca/order.ts';
import { hca } from '../../../plugins/metadata/hca/plugin.ts';
import { ageRange } from '../../../plugins/metadata/hca/read/age.ts';
import { isCanonicalTimestamp, utcTimestamp } from '../../../plugins/metadata/hca/read/timestamps.ts';
import { numRuns, seed } from '../../rigs/property.ts';
import { label, type Members, rowsOf, TinyBundle, uuid } from './tiny-bundle.ts';

describe('Ages', () => {
  const year = 31_536_000;
  const cases: readonly [string, string, unknown][] = [
    ['38', 'year', [38 * year, 38 * year]],
    ['45-49', 'year', [1_419_120_000, 1_545_264_000]],
    ['13.85', 'Weeks', [8_376_480, 8_376_480]],
    ['20-', 'years', [20 * year, null]],
    ['-3', 'month', [0, 3 * 2_628_000]],
    ['0', 'day', [0, 0]],
  ];
  for (const [age, unit, range] of cases) {
    it(`of ${age} ${unit} are ranges of seconds`, () => {
      expect(ageRange(age, unit)).to.deep.equal(range);
    });
  }

  for (const [age, unit] of [
    ['1-2-3', 'year'],
    ['old', 'year'],
    ['', 'year'],
    ['5', 'fortnight'],
    ['1e400', 'year'],
    ['0x10', 'day'],
  ] as const) {
    it(`of '${age}' ${unit} are none`, () => {
      expect(ageRange(age, unit)).to.have.property('problem');
    });
  }

  const donor = (more: Members) =>
    rowsOf(
      new TinyBundle()
        .add('donor_organism', 'donor', more)
        .add('specimen_from_organism', 'specimen')
        .make(['donor'], ['specimen'])
        .normalize(),
      'projects',
      'atlas',
      'donors',
    )[0]?.values;

  it('are staged with their unit; without one there is no range', () => {
    expect(donor({ organism_age: '20-', organism_age_unit: label('year') })).to.deep.include({
      organism_age: '20- year',
      organism_age_range: [20 * year, null],
    });
    const unitless = donor({ organism_age: '20' });
    expect(unitless).to.include({ organism_age: '20' });
    expect(unitless).to.not.have.property('organism_age_range');
  });

  it('that are missing are null, their range absent', () => {
    expect(donor({})).to.include({ organism_age: null });
    expect(donor({})).to.not.have.property('organism_age_range');
    expect(() => donor({ organism_age_unit: label('year') })).to.throw(/no age/);
  });
});

describe('Timestamps', () => {
  for (const [text, utc] of [
    ['2018-11-02T10:03:39.600Z', '2018-11-02T10:03:39.600000Z'],
    ['2018-11-02T10:03:39Z', '2018-11-02T10:03:39.000000Z'],
    ['2020-02-29T23:59:59.123456+00:00', '2020-02-29T23:59:59.123456Z'],
    ['2019-01-01T00:30:00+01:00', '2018-12-31T23:30:00.000000Z'],
    ['2019-02-29T00:00:00Z', undefined],
    ['2019-01-31T00:00:00.1234567Z', undefined],
    ['2019-01-31T24:00:00Z', undefined],
    ['2019-01-31', undefined],
    ['2019-01-31T00:00:00', undefined],
    ['2019-01-31T00:00:00.Z', undefined],
    ['2019-01-31T00:00:00Z0', undefined],
    ['2019-01-31 00:00:00Z', undefined],
    ['2019-01-31T00:00:00+24:00', undefined],
    ['2019-01-31T00:00:00+0100', undefined],
    ['2019-01-31T00:00:00+01:000', undefined],
    ['0000-01-31T00:00:00Z', undefined],
    ['9999-12-31T23:30:00-01:00', undefined],
  ] as const) {
    it(`${text} in UTC is ${utc}`, () => {
      expect(utcTimestamp(text)).to.equal(utc);
    });
  }

  it('of any zone become those that a calendar gives', () => {
    const day = fc.date({ min: new Date('1990-01-01'), max: new Date('2030-01-01'), noInvalidDate: true });
    const two = (number: number) => String(number).padStart(2, '0');
    const property = fc.property(
      day,
      fc.constantFrom('+', '-'),
      fc.nat(23),
      fc.nat(59),
      (date, sign, hours, minutes) => {
        const local = `${date.toISOString().slice(0, 19)}${sign}${two(hours)}:${two(minutes)}`;
        expect(utcTimestamp(local)).to.equal(new Date(local).toISOString().replace('.000Z', '.000000Z'));
      },
    );
    fc.assert(property, { numRuns: numRuns(20_000), seed: seed() });
  });

  it('of bundle versions are canonical', () => {
    expect(isCanonicalTimestamp('2018-11-02T11:33:44.698028Z')).to.equal(true);
    expect(isCanonicalTimestamp('2018-11-02T11:33:44.698Z')).to.equal(false);
    expect(isCanonicalTimestamp('2018-13-02T11:33:44.698028Z')).to.equal(false);
  });
});

describe('Strata', () => {
  it('parse and print', () => {
    const text = 'genusSpecies=Homo sapiens,Mus musculus;organ=eye\norgan=skin';
    expect(parseStrata(text)).to.deep.equal([
      { genusSpecies: ['Homo sapiens', 'Mus musculus'], organ: ['eye'] },
      { organ: ['skin'] },
    ]);
    const empty = { developmentStage: [], libraryConstructionApproach: [] };
    expect(printStratum({ ...empty, genusSpecies: ['Homo sapiens', 'Mus musculus'], organ: ['eye'] })).to.equal(
      text.split('\n')[0],
    );
  });

  for (const text of ['organ', 'organ=a=b', 'colour=blue', 'organ=eye\n', '']) {
    it(`'${text}' are malformed`, () => {
      expect(() => parseStrata(text)).to.throw(SyntaxError);
    });
  }

  it('refuse values with characters of their own', () => {
    const none = { developmentStage: [], libraryConstructionApproach: [], genusSpecies: [] };
    expect(() => printStratum({ ...none, organ: ['eye, left'] })).to.throw(SyntaxError);
  });
});

describe('Order', () => {
  it('is that of code points, null last', () => {
    expect(distinctSorted(['\u{1F600}', null, '\uFF5E', 'b', 'a', 'b', 'ab'])).to.deep.equal([
      'a',
      'ab',
      'b',
      '\uFF5E',
      '\u{1F600}',
      null,
    ]);
    expect(byCodePoint('\uD83D\uDE00', '\uD83D\uDE01')).to.be.below(0);
  });
});

describe('Numbers kept as text', () => {
  it('are numbers', () => {
    const bundle = new TinyBundle()
      .add('cell_suspension', 'cells', { estimated_cell_count: 17 })
      .add('specimen_from_organism', 'specimen')
      .make(['specimen'], ['cells'])
      .bundle();
    const count = (text: string) => {
      const contents = parseVerbatim(
        JSON.stringify(bundle.contents).replace('"estimated_cell_count":17', `"estimated_cell_count":${text}`),
      );
      const [cells] = rowsOf(hca.normalize({ ...bundle, contents }), 'cell_suspensions', 'cells', 'cell_suspensions');
      return cells?.values.total_estimated_cells;
    };
    expect(count('17.0')).to.equal(17);
    expect(count('1.7e1')).to.equal(17);
    expect(() => count('17.5')).to.throw(/no whole number: 17.5/);
    expect(() => count('1e400'))
      .to.throw(/no whole number: 1e400/)
      .with.deep.property('place', {
        entity: `cell_suspension/${uuid('cells')}`,
        field: 'estimated_cell_count',
      });
  });
});
