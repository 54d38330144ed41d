import { expect } from 'chai';
import { parseOptions } from '../../../plugins/authentication/oidc/options.ts';

const issuer = 'https://login.example/realms/lab';

describe('the options of the authentication plug-in oidc', () => {
  it('have defaults that let nothing doubtful in', () => {
    expect(parseOptions({ issuer, audience: 'lazuli' })).to.deep.equal({
      ...{ issuer, audience: ['lazuli'], subject: 'sub', groups: 'groups' },
      ...{ rememberSeconds: 60, clockSkewSeconds: 30 },
      algorithms: [
        ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512'],
        ...['EdDSA', 'Ed25519'],
      ],
    });
    expect(parseOptions({ google: { project: 'my-project' } })).to.deep.include({
      subject: 'sub',
      rememberSeconds: 60,
    });
  });

  const wrong: Readonly<Record<string, readonly [object, RegExp]>> = {
    'no issuer': [{ audience: 'a' }, /issuer/],
    'no audience': [{ issuer }, /audience/],
    'plain HTTP': [{ issuer: 'http://login.example', audience: 'a' }, /must be an https URL.*issuer/s],
    'plain HTTP to a host that looks near': [{ issuer: 'http://127.0.0.1.example', audience: 'a' }, /https/],
    'credentials in a URL': [{ issuer: 'https://a:b@login.example', audience: 'a' }, /without credentials/],
    'an algorithm with a shared secret': [{ issuer, audience: 'a', algorithms: ['HS256'] }, /algorithms/],
    'no algorithm at all': [{ issuer, audience: 'a', algorithms: ['none'] }, /algorithms/],
    'a secret that is relative': [
      { issuer, audience: 'a', introspection: { clientId: 'a', secretFile: 'secret' } },
      /absolute path.*introspection.secretFile/s,
    ],
    'a day that is remembered': [{ issuer, audience: 'a', rememberSeconds: 86_400 }, /rememberSeconds/],
    'nobody of Google': [{ google: {} }, /clientId, project, or both/],
    'Google and another one': [{ issuer, google: { project: 'my-project' } }, /issuer/],
  };
  for (const [what, [options, said]] of Object.entries(wrong))
    it(`are refused with ${what}, and the message says which is wrong`, () => {
      expect(() => parseOptions(options))
        .to.throw(said)
        .and.include({ code: 'configuration_invalid' });
    });
});
