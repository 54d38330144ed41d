import { createHmac } from 'node:crypto';
import { expect } from 'chai';
import { contentDigest } from '../../ingest/sign.ts';
import { key, now, startIndexer } from '../rigs/streams/indexer.ts';

const uuid = '56a338fe-7554-4b5d-96a2-7df127a7640b';
const text = JSON.stringify({ bundle_fqid: { uuid, version: '1' } });
const otherText = JSON.stringify({ bundle_fqid: { uuid, version: '2' } });
const digest = contentDigest(Buffer.from(text));
const seconds = now / 1000;
const components = '("@method" "@path" "content-digest")';
const parameters = `;created=${seconds};keyid="the id";alg="hmac-sha256"`;
const values: Readonly<Record<string, string>> = {
  '"@method"': 'POST',
  '"@path"': '/hca/add',
  '"content-digest"': digest,
  '"content-type"': 'application/json',
};

/** Signs whatever is stated, as RFC 9421 (2.5) has it. @param lines of components that have parameters, or other values */
function signed(stated: string, lines: Readonly<Record<string, string>> = {}, name = 'pyhms'): Record<string, string> {
  const listed = /^\(([^)]*)\)/.exec(stated)?.[1]?.match(/"[^"]*"[^ ]*/g) ?? [];
  const base = [...listed.map((each) => `${each}: ${lines[each] ?? values[each]}`), `"@signature-params": ${stated}`];
  const signature = createHmac('sha256', key.key).update(base.join('\n')).digest('base64');
  return { 'Signature-Input': `${name}=${stated}`, Signature: `${name}=:${signature}:` };
}

const join = (first: Record<string, string>, second: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(first).map(([name, value]) => [name, `${value}, ${second[name]}`]));

describe('forms of signatures', () => {
  let indexer: Awaited<ReturnType<typeof startIndexer>>;
  beforeEach(async () => {
    indexer = await startIndexer();
  });
  afterEach(() => indexer.stop());

  const send = async (headers: Record<string, string>, body = text) => {
    const all = { 'Content-Type': 'application/json', 'Content-Digest': digest, ...headers };
    return (await fetch(`${indexer.url}/hca/add`, { method: 'POST', headers: all, body })).status;
  };

  const taken: readonly [what: string, headers: Record<string, string>][] = [
    ['that of the established system', signed(components + parameters)],
    ['other components besides', signed(`("@method" "@path" "content-type" "content-digest")${parameters}`)],
    ['no algorithm', signed(`${components};created=${seconds};keyid="the id"`)],
    ['an end, a nonce and a tag', signed(`${components}${parameters};expires=${seconds + 60};nonce="a\\"b";tag="t"`)],
  ];
  for (const [what, headers] of taken) {
    it(`take ${what}`, async () => {
      expect(await send(headers)).to.equal(202);
    });
  }

  const two = `sha-512=:${Buffer.from('x').toString('base64')}:`;
  const withKey = '"content-digest";key="sha-512"';
  const created = (value: string) => signed(`${components};created=${value};keyid="the id"`);
  const expiring = (value: string) => signed(`${components}${parameters};expires=${value}`);
  const stranger = { ...signed(components + parameters, {}, 'sig2'), Signature: 'sig2=:AAAA:' };
  const refused: readonly [what: string, headers: Record<string, string>][] = [
    [
      'a digest of which a part is covered',
      {
        ...signed(`("@method" "@path" ${withKey})${parameters}`, { [withKey]: two.slice('sha-512='.length) }),
        'Content-Digest': `${two}, ${digest}`,
      },
    ],
    [
      'a digest in the trailer',
      signed(`("@method" "@path" "content-digest";tr)${parameters}`, { '"content-digest";tr': digest }),
    ],
    [
      'a path with a parameter',
      signed(`("@method" "@path";foo "content-digest")${parameters}`, { '"@path";foo': '/hca/add' }),
    ],
    [
      'a method of the request',
      signed(`("@method";req "@path" "content-digest")${parameters}`, { '"@method";req': 'POST' }),
    ],
    ['a component twice', signed(`("@method" "@path" "@path" "content-digest")${parameters}`)],
    ['a component less', signed(`("@method" "content-digest")${parameters}`)],
    ['two labels, both right', join(signed(components + parameters), signed(components + parameters, {}, 'sig2'))],
    ['a wrong label before a right one', join(stranger, signed(components + parameters))],
    ['the same label twice', join(signed(`()${parameters}`), signed(components + parameters))],
    [
      'a label of another name',
      { ...signed(components + parameters), Signature: signed(components + parameters, {}, 'x').Signature ?? '' },
    ],
    ['a time as text', created(`"${seconds}"`)],
    ['a time as a decimal', created(`${seconds}.5`)],
    [
      'a whole time as a decimal',
      { ...created(`${seconds}`), 'Signature-Input': `pyhms=${components};created=${seconds}.0;keyid="the id"` },
    ],
    ['a negative time', created('-1')],
    ['two times', signed(`${components};created=1;created=${seconds};keyid="the id"`)],
    ['no time', signed(`${components};keyid="the id"`)],
    ['no key id', signed(`${components};created=${seconds}`)],
    ['another algorithm', signed(`${components};created=${seconds};keyid="the id";alg="rsa-pss-sha512"`)],
    ['an end that is text', expiring('"never"')],
    ['an end that is a token', expiring('never')],
    ['an end that is a decimal', expiring(`${seconds + 60}.5`)],
    ['an end before its beginning', expiring('1')],
    ['an end in the past', signed(`${components};created=${seconds - 100};keyid="the id";expires=${seconds - 1}`)],
    ['a parameter that nobody knows', signed(`${components}${parameters};until=1`)],
    [
      'a signature with parameters',
      { ...signed(components + parameters), Signature: `${signed(components + parameters).Signature};a=1` },
    ],
  ];
  for (const [what, headers] of refused) {
    it(`refuse ${what}`, async () => {
      expect(await send(headers)).to.equal(401);
      expect(await send(headers, otherText)).to.equal(401);
      expect(indexer.records).to.deep.equal([]);
    });
  }
});
