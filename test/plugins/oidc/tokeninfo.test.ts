import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { authenticationFindings } from '../../../plugins/battery/authentication.ts';
import { expectNone } from '../battery/findings.ts';
import { type Asked, asking } from './asked.ts';

const clientId = '123456789012-abc.apps.googleusercontent.com';
const exp = () => String(Math.floor(Date.now() / 1000) + 3_599);
const user = (more: object = {}) => ({
  ...{ azp: clientId, aud: clientId, sub: '1079', scope: 'openid email', exp: exp(), expires_in: '3599' },
  ...{ email: 'ann@example.org', email_verified: 'true', access_type: 'online', ...more },
});
const account = (more: object = {}) =>
  user({ azp: '1089', sub: '1089', email: 'robot@my-project.iam.gserviceaccount.com', ...more });

describe('the authentication plug-in oidc, asked with tokens of Google,', () => {
  /** by token: what is told of it; others are not valid */
  const known = new Map<string, unknown>();
  let server: Server;
  let questions: number;
  let asked: Asked;
  let tokeninfo: string;
  before(async () => {
    server = createServer(({ url = '' }, response) => {
      questions++;
      const told = known.get(new URL(url, 'http://x').searchParams.get('access_token') ?? '');
      response.statusCode = told === undefined ? 400 : typeof told === 'number' ? told : 200;
      const refusal = { error: 'invalid_token', error_description: 'Invalid Value' };
      response.end(typeof told === 'string' ? told : JSON.stringify(told ?? refusal));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    tokeninfo = `http://127.0.0.1:${(server.address() as AddressInfo).port}/oauth2/v3/tokeninfo`;
  });
  after(() => server.close());
  beforeEach(async () => {
    known.clear();
    questions = 0;
    asked = await asking({ google: { clientId, project: 'my-project', tokeninfo } });
  });

  it('keeps the contract of authentication plug-ins', async () => {
    known.set('token-of-ann', user()).set('token-of-bob', account({ sub: '77' }));
    known.set('token-of-eve', user({ exp: '1700000000' }));
    const credentials = {
      valid: { 1079: 'Bearer token-of-ann', 77: 'Bearer token-of-bob' },
      ...{ expired: ['Bearer token-of-eve'], foreign: ['Bearer token-of-nobody'] },
    };
    await expectNone(authenticationFindings(asked.authentication, credentials));
  });

  it('knows users of the same Google project, and its service accounts', async () => {
    const told: Readonly<Record<string, unknown>> = {
      user: user(),
      'another client of the project': user({ azp: '123456789012-def.apps.googleusercontent.com' }),
      'a client of another project': user({ azp: '999-abc.apps.googleusercontent.com' }),
      'a client whose project begins alike': user({ azp: '1234567890129-abc.apps.googleusercontent.com' }),
      'a service account': account(),
      'a service account in numbers': account({ azp: 1089, exp: Number(exp()), email_verified: true }),
      'one of another project': account({ email: 'robot@other-project.iam.gserviceaccount.com' }),
      'one that is not verified': account({ email_verified: 'false' }),
      'a user without a client': user({ azp: '1089' }),
      'one that ends alike': account({ email: 'robot@x.my-project.iam.gserviceaccount.com' }),
      'a name with an address in it': account({ email: 'a@my-project.iam.gserviceaccount.com@evil.example' }),
    };
    const found: Record<string, string> = {};
    for (const [what, answer] of Object.entries(told)) {
      known.set(Buffer.from(what).toString('hex'), answer);
      found[what] = await asked.who(Buffer.from(what).toString('hex'));
    }
    const accepted = { user: '1079', 'another client of the project': '1079' };
    const robots = { 'a service account': '1089', 'a service account in numbers': '1089' };
    const refused = Object.fromEntries(Object.keys(told).map((what) => [what, 'unauthorized']));
    expect(found).to.deep.equal({ ...refused, ...accepted, ...robots });
    const byMail = await asking({ subject: 'email', google: { clientId, tokeninfo } });
    known.set('token-of-ann', user()).set('token-of-robot', account());
    expect(await byMail.who('token-of-ann')).to.equal('ann@example.org');
    expect(await byMail.who('token-of-robot')).to.equal('unauthorized');
  });

  it('lets nobody in where the answer says nothing of the token', async () => {
    const answers = [500, 503, 403, '<html>', '{}', { azp: clientId }, user({ exp: 'tomorrow' })];
    for (const [i, answer] of answers.entries()) {
      known.set(`token-${i}`, answer);
      expect(await asked.who(`token-${i}`), JSON.stringify(answer)).to.equal('unavailable');
    }
    known.set('token-of-ann', 429);
    expect(await asked.who('token-of-ann')).to.equal('too_many_requests');
  });

  it('asks about a token once in a while, and shows it in no error', async () => {
    known.set('token-of-ann', user());
    for (let i = 0; i < 5; i++) expect(await asked.who('token-of-ann')).to.equal('1079');
    expect(questions).to.equal(1);
    const closed = await asking({ google: { clientId, tokeninfo: 'http://127.0.0.1:1/tokeninfo' } });
    const error = await closed.authentication
      .identify('Bearer token-of-ann', new AbortController().signal)
      .catch((failed: unknown) => failed);
    expect(inspect(error, { depth: null, showHidden: true }))
      .to.include('127.0.0.1:1')
      .and.not.include('token-of-ann');
  });
});
