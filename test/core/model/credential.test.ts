import { inspect } from 'node:util';
import { expect } from 'chai';
import { pino } from 'pino';
import { Credential, type Identity } from '../../../core/model/authentication.ts';

const token = 'marked-secret-token';

describe('The credential of a caller', () => {
  const credential = new Credential(token);
  const identity: Identity = { subject: 'ann', credential };

  it('is told to whom it is sent', () => {
    expect(credential.authorization()).to.equal(`Bearer ${token}`);
  });

  it('can not be printed, serialized or copied', () => {
    const lines: string[] = [];
    pino({}, { write: (line: string) => void lines.push(line) }).info({ identity, credential }, `of ${credential}`);
    const printed = [
      ...[JSON.stringify(identity), inspect(identity, { showHidden: true, depth: null }), `${credential}`],
      ...[JSON.stringify(structuredClone({ ...credential })), JSON.stringify(Object.entries(credential))],
      ...lines,
    ];
    for (const text of printed) expect(text).to.not.include(token);
    expect(JSON.stringify(identity)).to.equal('{"subject":"ann","credential":"[credential]"}');
  });

  it('has a fingerprint that is the same for the same token alone', () => {
    expect(credential.fingerprint)
      .to.match(/^[\w-]{43}$/)
      .and.equal(new Credential(token).fingerprint)
      .and.not.equal(new Credential(`${token}x`).fingerprint);
  });
});
