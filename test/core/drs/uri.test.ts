import { expect } from 'chai';
import fc from 'fast-check';
import { parseDrsUri } from '../../../core/drs/uri.ts';
import { numRuns, seed } from '../../rigs/property.ts';

describe('DRS URIs', () => {
  it('name a host and an object there', () => {
    const host = (of: string, id: string, query = '') => ({ kind: 'host', host: of, id, query });
    expect(parseDrsUri('drs://Data.Example/v1_a_b')).to.deep.equal(host('data.example', 'v1_a_b'));
    expect(parseDrsUri('drs://d:8080/x?version=2018%3A1')).to.deep.equal(host('d:8080', 'x', '?version=2018%3A1'));
    expect(parseDrsUri('drs://d/a%2Fb')).to.deep.equal(host('d', 'a%2Fb'));
  });

  it('or are compact identifiers', () => {
    expect(parseDrsUri('drs://dg.4503:dg.4503%2Fabc')).to.deep.equal({
      ...{ kind: 'compact', prefix: 'dg.4503', accession: 'dg.4503%2Fabc' },
    });
  });

  const wrong = [
    ...[
      '',
      'https://d/x',
      'drs:/d/x',
      'drs://d',
      'drs://d/',
      'drs:///x',
      'drs://d/x/y',
      'drs://d/..',
      'drs://d/%2e%2E',
    ],
    ...['drs://d/%2e%2e%2fadmin', 'drs://d/a%2f..%5cb', 'drs://u:p@d/x', 'drs://u@d/x', 'drs://d/x#y', 'drs://d/a b'],
    ...['drs://d/x\r\nHost: e', 'drs://d/ä', 'drs://ega/dataset:1', 'drs://p:a?b', 'drs://d:123456/x', 'drs://d/%'],
    ...['drs://d/\\', 'drs://d/a\\b', 'drs://p:..', `drs://d/${'x'.repeat(5000)}`],
  ];
  for (const uri of wrong)
    it(`are not ${JSON.stringify(uri.slice(0, 40))}`, () => {
      expect(() => parseDrsUri(uri)).to.throw(/is no DRS URI that can be followed/);
    });

  it('lead to the host that they show, whatever else is in them', () => {
    const piece = fc.oneof(
      fc.constantFrom('drs://', '/', ':', '@', '?', '#', '\\', '%2f', '..', 'd', '[', ']'),
      fc.string(),
    );
    const property = fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const uri = `drs://${pieces.join('')}`;
      let found: ReturnType<typeof parseDrsUri>;
      try {
        found = parseDrsUri(uri);
      } catch {
        return;
      }
      if (found.kind === 'compact') return;
      const url = new URL(`https://${found.host}/ga4gh/drs/v1/objects/${found.id}${found.query}`);
      expect(url.pathname).to.match(/^\/ga4gh\/drs\/v1\/objects\/[^/]+$/);
      expect([url.username, url.password, url.hash]).to.deep.equal(['', '', '']);
    });
    fc.assert(property, { seed: seed(), numRuns: numRuns(20_000) });
  });
});
