import { expect } from 'chai';
import { serve } from './served.ts';

const paths = ['/hello', '/nosuch', `/hello?${'x'.repeat(1_000)}`];

describe('headers', () => {
  it('of every answer, errors too, keep browsers safe and name the request', async () => {
    await using server = await serve();
    for (const path of paths) {
      const { headers } = await fetch(server.url + path, { headers: { 'X-Request-Id': 'me-1' } });
      expect(Object.fromEntries(headers), path).to.deep.include({
        'access-control-allow-origin': '*',
        'cache-control': 'no-store',
        'content-security-policy': "default-src 'self'",
        'referrer-policy': 'strict-origin-when-cross-origin',
        'strict-transport-security': 'max-age=63072000; includeSubDomains; preload',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'x-request-id': 'me-1',
        'x-xss-protection': '1; mode=block',
      });
    }
  });

  it('keep no id of a request that could forge a log', async () => {
    await using server = await serve();
    for (const id of ['', 'not sane', 'x'.repeat(129), '"}']) {
      const { headers } = await fetch(`${server.url}/hello`, { headers: { 'X-Request-Id': id } });
      expect(headers.get('X-Request-Id')).to.match(/^[\da-f-]{36}$/);
    }
  });

  it('let pages of other origins call what is for everyone, but not what is for operators', async () => {
    await using everyone = await serve();
    const allowed = await fetch(`${everyone.url}/echo`, { method: 'OPTIONS' });
    expect([allowed.status, allowed.headers.get('Access-Control-Allow-Methods')]).to.deep.equal([204, 'POST, OPTIONS']);
    await using operators = await serve({ audience: 'operators' });
    for (const method of ['OPTIONS', 'GET']) {
      const { headers } = await fetch(`${operators.url}/hello`, { method });
      expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).to.deep.equal([]);
      expect(headers.get('X-Frame-Options')).to.equal('DENY');
    }
  });
});
