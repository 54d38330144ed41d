import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { ask, authorized } from '../../../core/http/ask.ts';

describe('A URL with credentials', () => {
  it('is asked with them in a header, and never shown with them', async () => {
    const seen: (string | undefined)[] = [];
    const server = createServer(({ headers }, response) => {
      seen.push(headers.authorization);
      response.writeHead(headers.authorization === undefined ? 401 : 403).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const error = await ask(`http://us%20er:p%40ss@127.0.0.1:${port}/x`, 'GET').catch((caught) => caught);
    expect(error.message).to.equal(`http://127.0.0.1:${port}/x answered 403`);
    expect(seen).to.deep.equal([`Basic ${Buffer.from('us er:p@ss').toString('base64')}`]);
    server.close();
  });

  it('is left as it is where it has none', () => {
    expect(authorized('http://h:1/a?b=c')).to.deep.equal({ href: 'http://h:1/a?b=c', headers: {} });
  });
});
