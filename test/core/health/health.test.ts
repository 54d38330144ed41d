import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { healthOf, remembered, selectChecks, urlCheck } from '../../../core/health/health.ts';

describe('health', () => {
  it('is up when everything is, and a check that fails is down with a reason', async () => {
    const failing = async () => {
      throw new Error('out of order');
    };
    expect(await healthOf({ one: async () => ({ up: true, detail: 1 }) })).to.deep.equal({
      one: { up: true, detail: 1 },
      up: true,
    });
    expect(await healthOf({ one: failing })).to.deep.equal({ one: { up: false, error: 'out of order' }, up: false });
  });

  it('is asked again only when the last answer is old', async () => {
    let [asked, time] = [0, 0];
    const check = async () => ({ up: ++asked > 0 });
    const cached = remembered(check, 60, () => time);
    for (time of [0, 60, 61, 121, 122]) await cached();
    expect(asked).to.equal(3);
  });

  it('knows its checks by name, and none besides', () => {
    const checks = { one: async () => ({ up: true }), two: async () => ({ up: true }) };
    expect(selectChecks(checks, ['two'])).to.deep.equal({ two: checks.two });
    expect(selectChecks(checks, ['one', 'two', 'one'])).to.deep.equal(checks);
    for (const key of ['', 'three', 'toString', '__proto__'])
      expect(selectChecks(checks, ['one', key])).to.equal(undefined);
  });

  it('of a URL is whether it answers with success, and tells no credentials', async () => {
    const server = createServer(({ url }, response) => response.writeHead(url === '/good' ? 200 : 503).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const error = `http://${host}/bad answered 503`;
    expect(await urlCheck('', () => `http://${host}/good`)()).to.deep.equal({ up: true });
    expect(await urlCheck('', () => `http://${host}/bad`, 'HEAD')()).to.deep.equal({ up: false, error });
    expect(await urlCheck('service', () => `http://${host}/bad`)()).to.deep.equal({
      up: false,
      service: { up: false, error },
    });
    server.close();
    server.closeAllConnections();
    expect(JSON.stringify(await urlCheck('', () => `http://me:secret@${host}/`)())).not.to.include('secret');
  });
});
