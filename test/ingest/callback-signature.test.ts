import { createHash, createHmac } from 'node:crypto';
import { expect } from 'chai';
import { LazuliError } from '../../core/config/errors.ts';
import { callbackKey } from '../../ingest/callback-key.ts';
import { type CallbackVerification, verifyCallback } from '../../ingest/callback-signature.ts';

const key = { key: 'a secret that only two parties know', key_id: 'the id' };
const other = { key: 'a secret that somebody else knows', key_id: 'another id' };
const now = Date.parse('2021-03-02T10:00:00Z');
const minute = 60_000;
const body = Buffer.from('{"match": {}}');
const digestOf = (bytes: Uint8Array): string => `SHA-256=${createHash('sha256').update(bytes).digest('base64')}`;
const dateOf = (time: number): string => new Date(time).toUTCString();

/** As data stores sign (specification, dss 4.2): whatever is listed, with whatever parameters. */
interface Signing {
  readonly by?: typeof key;
  readonly date?: string;
  readonly digest?: string;
  readonly listed?: string;
  /** what is signed, where it isn't what is listed */
  readonly text?: string;
  readonly authorization?: (signature: string) => string;
}

function signed({
  by = key,
  date = dateOf(now),
  digest = digestOf(body),
  listed = 'date digest',
  ...how
}: Signing = {}) {
  const values: Readonly<Record<string, string>> = { date, digest, 'content-type': 'application/json' };
  const text =
    how.text ??
    listed
      .split(' ')
      .map((name) => `${name}: ${values[name] ?? ''}`)
      .join('\n');
  const signature = createHmac('sha256', by.key).update(text).digest('base64');
  const plain = `Signature keyId="${by.key_id}",algorithm="hmac-sha256",headers="${listed}",signature="${signature}"`;
  return ['Date', date, 'Digest', digest, 'Authorization', how.authorization?.(signature) ?? plain];
}

const against: CallbackVerification = { keys: [key], now, window: 15 * minute };
const check = (rawHeaders: readonly string[], bytes: Uint8Array = body, how: Partial<CallbackVerification> = {}) =>
  verifyCallback({ rawHeaders, body: bytes }, { ...against, ...how });

describe('signatures of callbacks', () => {
  it('take the example of the specification, computed by hand', () => {
    const text = `date: Tue, 02 Mar 2021 10:00:00 GMT\ndigest: ${digestOf(body)}`;
    const signature = createHmac('sha256', key.key).update(text).digest();
    expect(check(signed())).to.deep.equal({ id: signature.toString('hex'), created: now });
  });

  const taken: readonly [what: string, headers: readonly string[], how?: Partial<CallbackVerification>][] = [
    ['both headers in the other order', signed({ listed: 'digest date' })],
    [
      'blanks after commas',
      signed({
        authorization: (s) =>
          `Signature keyId="the id", algorithm="hmac-sha256", headers="date digest", signature="${s}"`,
      }),
    ],
    [
      'parameters in another order',
      signed({
        authorization: (s) => `Signature signature="${s}",headers="date digest",algorithm="hmac-sha256",keyId="the id"`,
      }),
    ],
    ['names of headers in lower case', signed().map((text, i) => (i % 2 === 0 ? text.toLowerCase() : text))],
    ['one that is nearly 15 minutes old', signed({ date: dateOf(now - 15 * minute) })],
    ['a clock that is a minute ahead', signed({ date: dateOf(now + minute) })],
    ['either of two keys', signed({ by: other }), { keys: [key, other] }],
    ['any of the keys of one id', signed(), { keys: [callbackKey(key, 'hca', 'add'), key] }],
    [
      'the key of its path',
      signed({ by: callbackKey(key, 'hca', 'add') }),
      { keys: [callbackKey(key, 'hca', 'add'), key] },
    ],
  ];
  for (const [what, headers, how] of taken)
    it(`take ${what}`, () => {
      expect(check(headers, body, how).created).to.be.a('number');
    });

  const without = (name: string): readonly string[] => signed().filter((_, i, all) => all[i - (i % 2)] !== name);
  const parameters = (text: (signature: string) => string) => signed({ authorization: text });
  const swapped = Buffer.from('{"match": null}');
  const refused: readonly [what: string, headers: readonly string[], how?: Partial<CallbackVerification>][] = [
    ['a wrong key', signed({ by: { ...key, key: 'a secret that nobody knows' } })],
    ['an unknown key id', signed({ by: { ...key, key_id: 'nobody' } })],
    ['the key of another id', signed({ by: { ...key, key_id: other.key_id } }), { keys: [key, other] }],
    ['no keys', signed(), { keys: [] }],
    [
      'the key of another path',
      signed({ by: callbackKey(key, 'hca', 'delete') }),
      { keys: [callbackKey(key, 'hca', 'add'), key] },
    ],
    [
      'the key of another catalog',
      signed({ by: callbackKey(key, 'dcp', 'add') }),
      { keys: [callbackKey(key, 'hca', 'add'), key] },
    ],
    ['one older than 15 minutes', signed({ date: dateOf(now - 15 * minute - 1000) })],
    ['one of the far future', signed({ date: dateOf(now + minute + 1000) })],
    ['one of the year before', signed({ date: 'Mon, 02 Mar 2020 10:00:00 GMT' })],
    ['a date in ISO 8601', signed({ date: '2021-03-02T10:00:00Z' })],
    ['a date of RFC 850', signed({ date: 'Tuesday, 02-Mar-21 10:00:00 GMT' })],
    ['a date of another zone', signed({ date: 'Tue, 02 Mar 2021 11:00:00 +0100' })],
    ['a date of the wrong weekday', signed({ date: 'Mon, 02 Mar 2021 10:00:00 GMT' })],
    ['a date that is none', signed({ date: 'today' })],
    ['two dates', [...signed(), 'Date', dateOf(now)]],
    ['two dates in one header', signed({ date: `${dateOf(now)}, ${dateOf(now)}` })],
    ['no date', without('Date')],
    ['no digest', without('Digest')],
    ['two digests', [...signed(), 'digest', digestOf(body)]],
    ['two digests in one header', signed({ digest: `${digestOf(swapped)}, ${digestOf(body)}` })],
    ['a digest of another kind', signed({ digest: `MD5=${createHash('md5').update(body).digest('base64')}` })],
    ['a digest of another body', signed({ digest: digestOf(swapped) })],
    ['a digest that is none', signed({ digest: 'SHA-256=' })],
    ['a digest in the form of RFC 9530', signed({ digest: `sha-256=:${digestOf(body).slice(8)}:` })],
    ['the date alone', signed({ listed: 'date' })],
    ['the digest alone', signed({ listed: 'digest' })],
    ['no list of headers', parameters((s) => `Signature keyId="the id",algorithm="hmac-sha256",signature="${s}"`)],
    ['an empty list of headers', signed({ listed: '', text: `date: ${dateOf(now)}` })],
    ['a header twice', signed({ listed: 'date date digest' })],
    ['one header for both', signed({ listed: 'date date' })],
    ['other headers besides', signed({ listed: 'date digest content-type' })],
    ['a header that is none', signed({ listed: '(request-target) date digest' })],
    ['names in upper case', signed({ listed: 'Date Digest', text: `date: ${dateOf(now)}\ndigest: ${digestOf(body)}` })],
    ['a line end after the text', signed({ text: `date: ${dateOf(now)}\ndigest: ${digestOf(body)}\n` })],
    ['another scheme', parameters((s) => `Bearer ${s}`)],
    [
      'a scheme in lower case',
      parameters((s) => `signature keyId="the id",algorithm="hmac-sha256",headers="date digest",signature="${s}"`),
    ],
    ['no algorithm', parameters((s) => `Signature keyId="the id",headers="date digest",signature="${s}"`)],
    [
      'another algorithm',
      parameters((s) => `Signature keyId="the id",algorithm="hmac-sha512",headers="date digest",signature="${s}"`),
    ],
    [
      'an algorithm that is not named',
      parameters((s) => `Signature keyId="the id",algorithm="hs2019",headers="date digest",signature="${s}"`),
    ],
    ['no key id', parameters((s) => `Signature algorithm="hmac-sha256",headers="date digest",signature="${s}"`)],
    [
      'a key id twice',
      parameters(
        (s) => `Signature keyId="nobody",keyId="the id",algorithm="hmac-sha256",headers="date digest",signature="${s}"`,
      ),
    ],
    [
      'a signature twice',
      parameters(
        (s) =>
          `Signature keyId="the id",algorithm="hmac-sha256",headers="date digest",signature="AAAA",signature="${s}"`,
      ),
    ],
    [
      'a parameter of a later draft',
      parameters(
        (s) =>
          `Signature keyId="the id",algorithm="hmac-sha256",headers="date digest",expires="9999999999",signature="${s}"`,
      ),
    ],
    [
      'a value without quotes',
      parameters((s) => `Signature keyId=the id,algorithm="hmac-sha256",headers="date digest",signature="${s}"`),
    ],
    [
      'a comma at the end',
      parameters((s) => `Signature keyId="the id",algorithm="hmac-sha256",headers="date digest",signature="${s}",`),
    ],
    [
      'a short signature',
      parameters(
        (s) => `Signature keyId="the id",algorithm="hmac-sha256",headers="date digest",signature="${s.slice(4)}"`,
      ),
    ],
    [
      'a signature in base64url',
      parameters(
        () => `Signature keyId="the id",algorithm="hmac-sha256",headers="date digest",signature="${'-'.repeat(43)}="`,
      ),
    ],
    [
      'an empty signature',
      parameters(() => 'Signature keyId="the id",algorithm="hmac-sha256",headers="date digest",signature=""'),
    ],
    [
      'an inherited parameter',
      parameters(
        (s) => `Signature constructor="the id",algorithm="hmac-sha256",headers="date digest",signature="${s}"`,
      ),
    ],
    ['two headers Authorization', [...signed(), 'Authorization', 'Signature none']],
    ['no header Authorization', without('Authorization')],
    ['a signature of the other kind as well', [...signed(), 'Signature', 'sig=:AAAA:']],
    ['nothing', []],
  ];
  for (const [what, headers, how] of refused)
    it(`refuse ${what}, and say nothing of it`, () => {
      expect(() => check(headers, body, how))
        .to.throw(LazuliError)
        .to.include({ code: 'unauthorized', message: 'Invalid authorization credentials' });
    });

  it('refuse every body but the one that was signed', () => {
    for (const bytes of [swapped, Buffer.alloc(0), Buffer.concat([body, Buffer.from(' ')])])
      expect(() => check(signed(), bytes)).to.throw(LazuliError);
  });

  it('have one id, however they are written: a last character that says the same is no other signature', () => {
    const plain = check(signed()).id;
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    const alike = (s: string) => `${s.slice(0, 42)}${letters[letters.indexOf(s[42] ?? '') + 1]}=`;
    const headers = signed({
      authorization: (s) =>
        `Signature keyId="the id", algorithm="hmac-sha256",headers="date digest",signature="${alike(s)}"`,
    });
    expect(check(headers).id).to.equal(plain);
  });
});
