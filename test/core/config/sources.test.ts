import { expect } from 'chai';
import fc from 'fast-check';
import { LazuliError } from '../../../core/config/errors.ts';
import {
  isRestricted,
  isWithin,
  parseSourceSpec,
  partitionPrefixes,
  printSourceSpec,
} from '../../../core/config/sources.ts';
import { numRuns, seed } from '../../rigs/property.ts';

describe('A source spec', () => {
  it('is printed as it was parsed', () => {
    const digits = fc.stringMatching(/^[0-9a-f]{0,8}$/);
    const prefix = fc.integer({ min: 0, max: 8 }).chain((length) =>
      fc.record({
        common: digits.map((hex) => hex.slice(0, length)),
        partition: fc.integer({ min: 0, max: 8 - length }),
      }),
    );
    const spec = fc
      .tuple(fc.string(), fc.option(prefix))
      .map(([name, part]) => `${name}:${part === null ? '' : `${part.common}/${part.partition}`}`);
    fc.assert(
      fc.property(spec, (text) => {
        expect(printSourceSpec(parseSourceSpec(text))).to.equal(text);
      }),
      { numRuns: numRuns(10_000), seed: seed() },
    );
  });

  it('has its prefix after the last colon', () => {
    expect(parseSourceSpec('https://fake_dss_instance/v1:/2')).to.deep.equal({
      name: 'https://fake_dss_instance/v1',
      prefix: { common: '', partition: 2 },
    });
    expect(parseSourceSpec('tdr:project:snapshot:')).to.deep.equal({ name: 'tdr:project:snapshot' });
  });

  for (const spec of [
    'no colon',
    'a:b',
    'a:/',
    'a:/x',
    'a:a/',
    'a:g/1',
    'a:A/1',
    'a:abcdef01/1',
    'a:/9',
    'a:-/1',
    'a:a/1/',
  ]) {
    it(`is refused as '${spec}'`, () => {
      expect(() => parseSourceSpec(spec))
        .to.throw(LazuliError)
        .with.property('code', 'configuration_invalid');
    });
  }
});

describe('The prefixes of a partition', () => {
  it('are the common part with every combination of digits, ascending', () => {
    expect([...partitionPrefixes({ common: '', partition: 0 })]).to.deep.equal(['']);
    expect([...partitionPrefixes({ common: 'a', partition: 1 })]).to.deep.equal(
      [...'0123456789abcdef'].map((digit) => `a${digit}`),
    );
    const two = [...partitionPrefixes({ common: '', partition: 2 })];
    expect([two.length, two[0], two[255], new Set(two).size]).to.deep.equal([256, '00', 'ff', 256]);
  });
});

describe('A restriction', () => {
  const matches = (id: string, source: string | null): boolean => isWithin({ id, spec: id }, { source, prefix: '' });

  it('names sources by a glob of ids or specs', () => {
    const source = { id: '42848d8f', spec: 'tdr:bigquery:gcp:prod_lungmap:/2' };
    const globs = [null, '42848d8f', '4284*', '*lungmap*', 'tdr:*:/2', '*', '?2848d8f', '*8?8f', source.spec];
    expect(globs.filter((glob) => !isWithin(source, { source: glob, prefix: '' }))).to.deep.equal([]);
    const others = ['4284', '*lungmap', '42848d8f?', '', 'TDR*', '[4]*'];
    expect(others.filter((glob) => isWithin(source, { source: glob, prefix: '' }))).to.deep.equal([]);
  });

  it('matches as a regular expression would', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 12 });
    const glob = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '?'), maxLength: 8 });
    fc.assert(
      fc.property(letters, glob, (value, pattern) => {
        const same = new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.')}$`);
        expect(matches(value, pattern)).to.equal(same.test(value));
      }),
      { numRuns: numRuns(20_000), seed: seed() },
    );
  });

  it('takes no time to speak of, however many asterisks there are', () => {
    expect(matches('a'.repeat(4096), `${'*a'.repeat(127)}b`)).to.equal(false);
  });

  it('is none where it allows everything', () => {
    expect(isRestricted({ source: null, prefix: '' })).to.equal(false);
    expect([isRestricted({ source: '*', prefix: '' }), isRestricted({ source: null, prefix: '0' })]).to.deep.equal([
      true,
      true,
    ]);
  });
});
