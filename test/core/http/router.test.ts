import { expect } from 'chai';
import { z } from 'zod';
import { type Method, operation } from '../../../core/http/operation.ts';
import { serve } from './served.ts';

const thing = z.object({ thing: z.string() });

/** Says which operation answered. */
const said = (method: Method, path: string) =>
  operation({
    ...{ method, path, id: `${method} ${path}`, tag: '', summary: '' },
    answer: { description: '', schema: z.string() },
    handle: () => `${method} ${path}`,
  });

const paths = [
  said('get', '/things/{thing}'),
  said('post', '/things/{thing}'),
  said('get', '/things/all'),
  said('put', '/{kind}/{name}'),
  operation({
    ...{ method: 'get', path: '/shown/{thing}', id: 'shown', tag: '', summary: '', pathParameters: thing },
    query: z.strictObject({ size: z.string().optional(), must: z.string() }),
    answer: { description: '', schema: z.unknown() },
    handle: (_ctx, given) => given,
  }),
];

describe('operations', () => {
  const asked = async (method: string, path: string) => {
    await using server = await serve({ operations: paths });
    const response = await fetch(server.url + path, { method });
    const { status, headers } = response;
    const text = await response.text();
    return { status, text, allow: headers.get('Allow'), preflight: headers.get('Access-Control-Allow-Methods') };
  };

  it('of literal paths win over those with parameters, whatever their order', async () => {
    expect(await asked('GET', '/things/all')).to.include({ status: 200, text: 'get /things/all' });
    expect(await asked('GET', '/things/a')).to.include({ status: 200, text: 'get /things/{thing}' });
    expect(await asked('PUT', '/others/a')).to.include({ status: 200, text: 'put /{kind}/{name}' });
  });

  it('refuse methods that their very path does not have', async () => {
    expect(await asked('POST', '/things/all')).to.include({ status: 405, allow: 'GET, HEAD' });
    expect(await asked('PUT', '/things/a')).to.include({ status: 405, allow: 'GET, HEAD, POST' });
    expect(await asked('PROPFIND', '/things/a')).to.include({ status: 405, allow: 'GET, HEAD, POST' });
    expect(await asked('GET', '/others/a')).to.include({ status: 405, allow: 'PUT' });
  });

  it('answer HEAD as GET, without the body', async () => {
    expect(await asked('HEAD', '/things/all')).to.include({ status: 200, text: '' });
  });

  it('tell a preflight the methods of their path', async () => {
    expect(await asked('OPTIONS', '/things/a')).to.include({ status: 204, preflight: 'GET, HEAD, POST, OPTIONS' });
    expect(await asked('OPTIONS', '/things/all')).to.include({ status: 204, preflight: 'GET, HEAD, OPTIONS' });
    expect(await asked('OPTIONS', '/nothing')).to.include({ status: 404, preflight: 'GET, HEAD, POST, PUT, OPTIONS' });
  });

  it('are found by their exact path only', async () => {
    for (const path of ['/things/all/', '/things/', '/HELLO', '/hello/', '/things', '//things/all']) {
      expect(await asked('GET', path), path).to.include({ status: 404 });
      expect(await asked('PROPFIND', path), path).to.include({ status: 404 });
    }
  });

  it('get their parameters decoded and checked, those of the URL first', async () => {
    expect(JSON.parse((await asked('GET', '/shown/a%2Fb%20c?must=%2B&size=1&size=2')).text)).to.deep.equal({
      path: { thing: 'a/b c' },
      query: { must: '+', size: '2' },
    });
    const mistakes: [string, string][] = [
      ['/shown/a', 'Missing required query parameter `must`. Add what is missing.'],
      ['/shown/a?must=1&more=1', 'Unknown query parameter `more`. Known here are size, must.'],
      ['/shown/a?b=1&a=1', 'Unknown query parameters `a`, `b`. Known here are size, must.'],
    ];
    for (const [path, Message] of mistakes) {
      const { status, text } = await asked('GET', path);
      expect([status, JSON.parse(text)]).to.deep.equal([400, { Code: 'BadRequestError', Message }]);
    }
  });
});
