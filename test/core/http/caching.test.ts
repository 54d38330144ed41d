import { request } from 'node:http';
import { Readable } from 'node:stream';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import { serve, type Toy } from './served.ts';

const page = 'lapis lazuli '.repeat(500);
const file = Buffer.from(page);

const routes: Toy['routes'] = (router) => {
  const storable = 'public, max-age=500';
  router.get('/page', (ctx) => {
    ctx.set('Cache-Control', storable);
    ctx.body = page;
  });
  router.get('/file', (ctx) => {
    ctx.set('Cache-Control', storable);
    ctx.type = 'text/plain';
    ctx.body = file;
  });
  router.get('/json', (ctx) => {
    ctx.set('Cache-Control', storable);
    ctx.body = { page };
  });
  router.get('/stream', (ctx) => {
    ctx.set('Cache-Control', storable);
    ctx.body = Readable.from([page]);
  });
  router.get('/list', (ctx) => {
    ctx.body = { page };
  });
};

/** An answer as it goes over the wire. */
interface Raw {
  readonly status: number;
  readonly encoding: string | undefined;
  readonly vary: string | undefined;
  /** as it says */
  readonly length: string | undefined;
  readonly body: Buffer;
}

function raw(url: string, headers: Readonly<Record<string, string>>, method = 'GET') {
  return new Promise<Raw>((resolve, reject) => {
    const sent = request(url, { headers, method }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          encoding: response.headers['content-encoding'],
          vary: response.headers.vary,
          length: response.headers['content-length'],
          body: Buffer.concat(chunks),
        }),
      );
    });
    sent.on('error', reject).end();
  });
}

describe('answers that may be stored', () => {
  it('have a tag, by which who has them is spared them', async () => {
    await using server = await serve({ routes });
    for (const path of ['/page', '/file', '/json']) {
      const first = await fetch(server.url + path);
      const tag = first.headers.get('ETag') ?? '';
      expect(tag, path).to.match(/^W\/"[\w-]{43}"$/);
      for (const method of ['GET', 'HEAD']) {
        for (const known of [tag, `"other", ${tag}`, tag.slice(2), '*']) {
          const again = await fetch(server.url + path, { method, headers: { 'If-None-Match': known } });
          expect([again.status, await again.text()], `${path} ${known}`).to.deep.equal([304, '']);
          expect(again.headers.get('ETag')).to.equal(tag);
          expect(again.headers.get('Cache-Control')).to.equal('public, max-age=500');
          expect(again.headers.get('Access-Control-Allow-Origin')).to.equal('*');
        }
      }
      const other = await fetch(server.url + path, { headers: { 'If-None-Match': '"other"' } });
      expect([other.status, (await other.text()).includes(page)]).to.deep.equal([200, true]);
    }
  });

  it('have the same tag compressed or not, and another one for other content', async () => {
    await using server = await serve({ routes });
    const tagOf = async (path: string, encoding: string) =>
      (await fetch(server.url + path, { headers: { 'Accept-Encoding': encoding } })).headers.get('ETag');
    expect(await tagOf('/json', 'gzip')).to.equal(await tagOf('/json', 'identity'));
    expect(await tagOf('/json', 'gzip')).not.to.equal(await tagOf('/page', 'gzip'));
  });

  it('are all that have a tag: neither lists, nor errors, nor streams', async () => {
    await using server = await serve({ routes });
    for (const path of ['/list', '/nosuch', '/stream']) {
      const { headers } = await fetch(server.url + path);
      expect(headers.get('ETag'), path).to.equal(null);
    }
    const asked = await fetch(`${server.url}/list`, { headers: { 'If-None-Match': '*' } });
    expect(asked.status).to.equal(200);
  });
});

describe('compression', () => {
  it('is what the caller prefers of gzip and Brotli, for what is worth it', async () => {
    await using server = await serve({ routes });
    const ask = (path: string, encoding: string, method?: string) =>
      raw(server.url + path, { 'Accept-Encoding': encoding }, method);
    const gzip = await ask('/list', 'gzip, deflate');
    expect([gzip.encoding, gzip.vary]).to.deep.equal(['gzip', 'Accept-Encoding']);
    expect(JSON.parse(gunzipSync(gzip.body).toString())).to.deep.equal({ page });
    const brotli = await ask('/list', 'gzip, br');
    expect(brotli.encoding).to.equal('br');
    expect(JSON.parse(brotliDecompressSync(brotli.body).toString())).to.deep.equal({ page });
    expect((await ask('/list', 'gzip, br;q=0')).encoding).to.equal('gzip');
    for (const encoding of ['identity', 'deflate', '']) {
      const plain = await ask('/list', encoding);
      expect([plain.encoding, JSON.parse(plain.body.toString())], encoding).to.deep.equal([undefined, { page }]);
    }
    expect((await ask('/hello', 'gzip')).encoding, 'too small').to.equal(undefined);
    for (const encoding of ['identity;q=0', '*;q=0', 'zstd, identity;q=0', 'br;q=0, gzip;q=0, *;q=0', ';;', '\u00ff']) {
      const plain = await ask('/list', encoding);
      const told = [plain.status, plain.encoding, JSON.parse(plain.body.toString())];
      expect(told, encoding).to.deep.equal([200, undefined, { page }]);
    }
    for (const encoding of ['gzip', 'br', 'identity', 'identity;q=0']) {
      for (const path of ['/list', '/page', '/file', '/stream', '/hello']) {
        const [get, head] = [await ask(path, encoding), await ask(path, encoding, 'HEAD')];
        expect({ ...head, body: '' }, `${path} ${encoding}`).to.deep.equal({ ...get, body: '' });
        expect(head.body.length).to.equal(0);
      }
    }
  });
});
