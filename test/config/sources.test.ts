import { expect } from 'chai';
import fc from 'fast-check';
import { LazuliError } from '../../config/errors.ts';
import { parseSourceSpec, partitionPrefixes, printSourceSpec } from '../../config/sources.ts';
import { numRuns, seed } from '../property.ts';

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
