import { expect } from 'chai';
import * as fc from 'fast-check';
import { nextLink } from '../../../plugins/repository/dss/links.ts';
import { dss } from '../../../plugins/repository/dss/plugin.ts';
import { withColons, withoutColons } from '../../../plugins/repository/dss/versions.ts';
import { numRuns, seed } from '../../rigs/property.ts';
import { patient } from '../../signals.ts';

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    ({ code }: { code: string }) => code,
  );

describe('Versions, links and sources of data stores', () => {
  it('keep every digit of a version in both notations', () => {
    const digits = fc.array(fc.constantFrom(...'0123456789'), { minLength: 20, maxLength: 20 });
    const both = fc.property(digits, (all) => {
      const written = (shape: string) => {
        const rest = [...all];
        return shape.replace(/#/g, () => rest.shift() ?? '');
      };
      const [plain, colons] = [written('####-##-##T######.######Z'), written('####-##-##T##:##:##.######Z')];
      expect([plain, colons].map(withColons)).to.deep.equal([colons, colons]);
      expect([plain, colons].map(withoutColons)).to.deep.equal([plain, plain]);
    });
    fc.assert(both, { seed: seed(), numRuns: numRuns(4000) });
  });

  it('know nothing else for a version', () => {
    const others = ['2018-10-18T15:0431.370880Z', '2018-10-18T150431.37088Z', '2018-10-18T150431.3708800Z', '', 'none'];
    for (const other of [...others, '2018-10-18T150431.370880+00:00', ' 2018-10-18T150431.370880Z'])
      expect([withColons(other), withoutColons(other)]).to.deep.equal([null, null]);
  });

  it('lead to the next page, however the link is quoted', () => {
    const next = 'https://dss.example/v1/bundles/all?search_after=a,b&x=%3B';
    for (const rel of [`rel="next"`, `rel='next'`, 'rel=next', ' rel = "next"', `title="x"; rel="last next"`])
      expect(nextLink(`<${next}>;${rel}`)).to.equal(next);
    expect(nextLink(`<https://a.example>; rel="first", <${next}>; rel='next'`)).to.equal(next);
    for (const other of [
      null,
      '',
      `<${next}>; rel="prev"`,
      `<${next}>; rel="nextly"`,
      `${next}; rel=next`,
      `<${next}>`,
    ])
      expect(nextLink(other)).to.equal(null);
  });

  it('have the ids by which the established system knows them', async () => {
    const specs = ['https://fake_dss_instance/v1:/2', 'https://fake_dss_instance/v1:', 'https://dss.example/v1:aa/1'];
    const [one, same, other] = await (await dss.open({}, specs)).listSources(patient);
    expect([one?.id, same?.id]).to.deep.equal(Array(2).fill('42848d8f-ecdc-5b32-a667-a7b5aedfc9f5'));
    expect(other?.id).not.to.equal(one?.id);
  });

  it('are refused where somebody on the way could read or change them', async () => {
    for (const url of [
      'http://dss.example/v1',
      'ftp://dss.example',
      'https://a:b@dss.example/v1',
      'https://x/?y=1',
      'x',
    ])
      expect(await codeOf(dss.open({}, [`${url}:`])), url).to.equal('configuration_invalid');
    expect(
      await codeOf(dss.open({}, ['http://127.0.0.1:80/v1:/0', 'http://[::1]:80/v1:', 'http://localhost/v1:'])),
    ).to.equal('no error');
    for (const options of [{ replica: 'azure' }, { drsDomain: 'https://x' }, { filesAtOnce: 0 }, { bucket: 'direct' }])
      expect(await codeOf(dss.open(options, [])), JSON.stringify(options)).to.equal('configuration_invalid');
  });
});
