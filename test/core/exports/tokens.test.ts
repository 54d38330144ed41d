import { expect } from 'chai';
import fc from 'fast-check';
import { type Claims, Tokens } from '../../../core/exports/tokens.ts';
import { numRuns, seed } from '../../rigs/property.ts';

const hash = 'h'.repeat(43);
const claims: Claims = { purpose: 'poll', catalog: 'hca', hash, index: 3, held: false, expires: 1_800_000_000_000 };
const all = ['poll', 'key', 'download', 'file'] as const;
const tokens = new Tokens(Buffer.alloc(32, 1), 'prod');

describe('Tokens of exports', () => {
  it('say what they were made of, with or without padding', () => {
    const token = tokens.print(claims);
    expect(token).to.match(/^[\w-]+$/);
    expect(tokens.parse(token, all)).to.deep.equal(claims);
    expect(tokens.parse(`${token}==`, all)).to.deep.equal(claims);
  });

  it('are no tokens of another deployment, of another key, or for another purpose', () => {
    const token = tokens.print(claims);
    expect(new Tokens(Buffer.alloc(32, 1), 'dev').parse(token, all)).to.equal(null);
    expect(new Tokens(Buffer.alloc(32, 2), 'prod').parse(token, all)).to.equal(null);
    expect(tokens.parse(token, ['key', 'download', 'file'])).to.equal(null);
    const text = Buffer.from(JSON.stringify(claims));
    const signature = Buffer.from(tokens.signature([JSON.stringify(claims)]), 'base64url');
    expect(tokens.parse(Buffer.concat([signature, text]).toString('base64url'), all)).to.equal(null);
  });

  it('are none any more when any of their characters is another one', () => {
    const token = tokens.print(claims);
    const others = [...token].map((char, i) => token.slice(0, i) + (char === 'A' ? 'B' : 'A') + token.slice(i + 1));
    expect(others.filter((other) => tokens.parse(other, all) !== null, all)).to.deep.equal([]);
    for (let length = 0; length < token.length; length++)
      expect(tokens.parse(token.slice(0, length), all)).to.equal(null);
  });

  it('are not found in any other text', () => {
    const property = fc.property(fc.oneof(fc.string(), fc.base64String()), (text) => {
      expect(tokens.parse(text, all)).to.equal(null);
    });
    fc.assert(property, { seed: seed(), numRuns: numRuns(1000) });
  });

  it('sign the parts of a URL, each for itself', () => {
    const signature = tokens.signature(['a', 'bc', 1]);
    expect(tokens.isSignature(signature, ['a', 'bc', 1])).to.equal(true);
    for (const parts of [
      ['ab', 'c', 1],
      ['a', 'bc', '1'],
      ['a', 'bc'],
      ['a', 'bc', 1, ''],
    ])
      expect(tokens.isSignature(signature, parts)).to.equal(false);
    for (const wrong of ['', `${signature}A`, signature.slice(1), signature.toUpperCase()])
      expect(tokens.isSignature(wrong, ['a', 'bc', 1])).to.equal(false);
  });

  it('name callers without telling who they are', () => {
    expect(tokens.pseudonym('ann'))
      .to.match(/^[\w-]{12}$/)
      .and.to.equal(tokens.pseudonym('ann'));
    expect(tokens.pseudonym('bob')).to.not.equal(tokens.pseudonym('ann'));
  });
});
