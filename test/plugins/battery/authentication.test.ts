import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { LazuliError } from '../../../core/config/errors.ts';
import { type Authentication, Credential } from '../../../core/model/authentication.ts';
import { anonymous } from '../../../plugins/authentication/anonymous/plugin.ts';
import { tokens } from '../../../plugins/authentication/tokens/plugin.ts';
import { digestOf } from '../../../plugins/authentication/tokens/token-file.ts';
import { authenticationFindings } from '../../../plugins/battery/authentication.ts';
import type { Finding } from '../../../plugins/battery/finding.ts';
import { expectNone } from './findings.ts';

const token = (name: string) => `${name}-of-some-length`;
const foreign = [`Bearer ${token('stranger')}`];

describe('The battery for authentication plug-ins', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'lazuli-battery-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  it('finds nothing wrong with anonymous', async () => {
    await expectNone(authenticationFindings(await anonymous.open({}), { valid: {}, expired: [], foreign }));
  });

  it('finds nothing wrong with tokens', async () => {
    const file = join(folder, 'tokens.json');
    const entry = (subject: string, more = {}) => ({
      subject,
      sha256: digestOf(token(subject)).toString('hex'),
      ...more,
    });
    const past = { expires: new Date(0).toISOString() };
    writeFileSync(file, JSON.stringify({ tokens: [entry('ann'), entry('bob'), entry('eve', past)] }));
    const valid = { ann: `Bearer ${token('ann')}`, bob: `bearer ${token('bob')}` };
    const credentials = { valid, expired: [`Bearer ${token('eve')}`], foreign };
    await expectNone(authenticationFindings(await tokens.open({ file }), credentials));
  });

  const refused = (header: string) => new LazuliError('unauthorized', `Not '${header.replace(/^Bearer /, '')}'.`);
  const wrong: Readonly<Record<string, readonly [Authentication['identify'], RegExp]>> = {
    'takes anybody for anonymous': [async () => ({ subject: null }), /a malformed credential: makes the caller null/],
    'throws what it likes': [
      async (header) => {
        if (header === undefined) return { subject: null };
        throw new TypeError('no token');
      },
      /a credential of somebody else: gives TypeError: no token/,
    ],
    'repeats the credential': [
      async (header) => {
        if (header === undefined) return { subject: null };
        throw refused(header);
      },
      /a credential of somebody else: is repeated in the error/,
    ],
    'shows the credential': [
      async (header) => ({ subject: header === undefined ? null : 'ann', ...(header && { groups: [header] }) }),
      /a valid credential: is printed with the identity/,
    ],
    'gives another credential': [
      async (header) => ({ subject: header === undefined ? null : 'ann', credential: new Credential('another one') }),
      /a valid credential: gives another credential/,
    ],
    'knows nobody': [
      async () => {
        throw refused('');
      },
      /no credential: is no anonymous caller\na valid credential: is refused/,
    ],
  };
  for (const [what, [identify, said]] of Object.entries(wrong))
    it(`finds one that ${what}`, async () => {
      const found: Finding[] = [];
      const credentials = { valid: { ann: `Bearer ${token('ann')}` }, expired: [], foreign };
      for await (const one of authenticationFindings({ identify }, credentials)) found.push(one);
      expect(found.map(({ where, what: told }) => `${where}: ${told}`).join('\n')).to.match(said);
    });
});
