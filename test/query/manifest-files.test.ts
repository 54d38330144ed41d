import { expect } from 'chai';
import { type Exporting, startExporting } from '../rigs/exports/exporting.ts';

const content = 'row\n'.repeat(1_000);

describe('A manifest that the service sends', () => {
  let scene: Exporting;
  let url: string;
  before(async () => {
    scene = await startExporting();
    await scene.service.send('PUT', '/manifest/files');
    await scene.finish(await scene.claim(), content, { name: 'Ärger.tsv' });
    url = String((await scene.service.send('PUT', '/manifest/files')).headers.get('Location'));
  });
  after(() => scene[Symbol.asyncDispose]());

  const get = async (headers = {}, method = 'GET', of = url) => {
    const answer = await fetch(of, { method, headers });
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  };

  it('has its name, type, length and tag, and is never compressed on the way', async () => {
    const { status, headers, text } = await get({ 'Accept-Encoding': 'gzip, br' });
    expect([status, text]).to.deep.equal([200, content]);
    expect(headers.get('Content-Disposition')).to.equal(
      `attachment; filename="_rger.tsv"; filename*=UTF-8''%C3%84rger.tsv`,
    );
    expect(headers.get('Content-Length')).to.equal('4000');
    expect(headers.get('Content-Encoding')).to.equal(null);
    expect(headers.get('Accept-Ranges')).to.equal('bytes');
    expect(headers.get('ETag')).to.match(/^"[\w-]{43}\.tsv"$/);
    expect(headers.get('Content-Security-Policy')).to.equal("default-src 'self'");
    const head = await get({}, 'HEAD');
    expect([head.status, head.text, head.headers.get('Content-Length')]).to.deep.equal([200, '', '4000']);
  });

  it('comes in parts', async () => {
    const part = async (range: string, more = {}) => {
      const { status, headers, text } = await get({ Range: range, ...more });
      return [status, headers.get('Content-Range'), headers.get('Content-Length'), text.length];
    };
    expect(await part('bytes=0-9')).to.deep.equal([206, 'bytes 0-9/4000', '10', 10]);
    expect(await part('bytes=3990-')).to.deep.equal([206, 'bytes 3990-3999/4000', '10', 10]);
    expect(await part('bytes=-5')).to.deep.equal([206, 'bytes 3995-3999/4000', '5', 5]);
    expect(await part('bytes=-9999')).to.deep.equal([206, 'bytes 0-3999/4000', '4000', 4_000]);
    expect(await part('bytes=3999-9999')).to.deep.equal([206, 'bytes 3999-3999/4000', '1', 1]);
    for (const whole of ['bytes=0-1,3-4', 'bytes=5-1', 'bytes=-', 'rows=0-1', 'bytes=a-b'])
      expect((await part(whole))[0], whole).to.equal(200);
    for (const beyond of ['bytes=4000-', 'bytes=9999-10000', 'bytes=-0'])
      expect((await part(beyond)).slice(0, 2), beyond).to.deep.equal([416, 'bytes */4000']);
    const tag = (await get()).headers.get('ETag');
    expect((await part('bytes=0-9', { 'If-Range': tag }))[0]).to.equal(206);
    expect((await part('bytes=0-9', { 'If-Range': '"other"' }))[0]).to.equal(200);
    const resumed = (await get({ Range: 'bytes=0-1999' })).text + (await get({ Range: 'bytes=2000-' })).text;
    expect(resumed).to.equal(content);
  });

  it('is not sent to who has it', async () => {
    const tag = String((await get()).headers.get('ETag'));
    const again = await get({ 'If-None-Match': `"other", ${tag}` });
    expect([again.status, again.text]).to.deep.equal([304, '']);
    expect((await get({ 'If-None-Match': '"other"' })).status).to.equal(200);
  });

  it('has a URL that is good as it was signed, for an hour', async () => {
    const changed = (name: string, value: string) => {
      const other = new URL(url);
      other.searchParams.set(name, value);
      return other.href;
    };
    const far = String(Math.ceil(Date.now() / 1000) + 1_000_000);
    const urls = [
      changed('name', 'other.tsv'),
      changed('expires', far),
      changed('signature', 'A'.repeat(43)),
      url.replace('.tsv?', '.avro?'),
      url.replace('/objects/', '/objects/x'),
    ];
    for (const other of urls) expect((await get({}, 'GET', other)).status, other).to.equal(403);
    expect((await get({}, 'GET', changed('expires', 'soon'))).status).to.equal(400);
    expect((await get({}, 'GET', `${url}&more=1`)).status).to.equal(400);
    scene.skew = 59 * 60 * 1000;
    expect((await get()).status).to.equal(200);
    scene.skew = 61 * 60 * 1000;
    const late = await get();
    expect([late.status, JSON.parse(late.text).Code]).to.deep.equal([410, 'GoneError']);
    scene.skew = 0;
  });

  it('is gone where it was deleted', async () => {
    for await (const name of scene.exports.objects.list()) await scene.exports.objects.delete(name);
    expect((await get()).status).to.equal(410);
  });
});
