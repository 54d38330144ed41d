import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { withDocumentation } from '../../../core/http/documentation/operations.ts';
import { versionOperation } from '../../../core/http/version-operation.ts';
import { wireTo } from '../../rigs/http/wire.ts';
import { serve } from './served.ts';

const api = {
  title: 'Toys <&>',
  description: 'Of all kinds',
  version: '1',
  tags: [
    { name: 'Unused', description: 'Nothing' },
    { name: 'Auxiliary', description: 'All else' },
  ],
};
const operations = withDocumentation([versionOperation({ git: { commit: 'c0ffee', dirty: false }, changes: [] })], api);

/** The part of Swagger UI's options that is looked at; it calls plug-ins with itself as `this`. */
interface SwaggerOptions {
  readonly plugins: readonly { readonly afterLoad: () => void }[];
}

describe('the documentation of an API', () => {
  it('is an OpenAPI document that names the server as the caller knows it', async () => {
    await using server = await serve({ operations });
    const response = await fetch(`${server.url}/openapi`, { headers: { 'X-Forwarded-Proto': 'https' } });
    expect(response.headers.get('Cache-Control')).to.equal('public, max-age=500');
    expect(response.headers.get('Vary')).to.equal('Accept-Encoding, Host, X-Forwarded-Proto');
    const document = (await response.json()) as Record<string, unknown>;
    expect(document).to.deep.include({
      openapi: '3.1.1',
      info: { title: api.title, description: api.description, version: '1' },
      servers: [{ url: `${server.url.replace('http:', 'https:')}/` }],
      tags: [{ name: 'Auxiliary', description: 'All else' }],
    });
    expect(document.paths).to.have.all.keys('/version', '/openapi', '/', '/static/{file}');
  });

  it('is a page that needs nothing from elsewhere', async () => {
    await using server = await serve({ operations });
    const response = await fetch(`${server.url}/`);
    expect(response.headers.get('Content-Type')).to.equal('text/html; charset=utf-8');
    expect(response.headers.get('Cache-Control')).to.equal('public, max-age=0, must-revalidate');
    expect(response.headers.get('Content-Security-Policy')).to.match(/^default-src 'self';/);
    const page = await response.text();
    expect(page).to.include('<title>Toys &lt;&amp;&gt;</title>');
    const links = [...page.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, link = '']) => link);
    expect(links).to.include.members([
      'static/swagger-ui.css',
      'static/swagger-ui-bundle.js',
      'static/start.js',
      'openapi',
    ]);
    for (const link of links) {
      const part = await fetch(new URL(link, `${server.url}/`));
      expect({ link, status: part.status, origin: new URL(part.url).origin }).to.deep.equal({
        link,
        status: 200,
        origin: server.url,
      });
    }
    expect(page).not.to.match(/<script>|<style>|style=|onload=/);
  });

  it('lets people type what its document calls JSON, such as filters', async () => {
    await using server = await serve({ operations });
    const script = await (await fetch(`${server.url}/static/start.js`)).text();
    const window = { SwaggerUIBundle: (options: SwaggerOptions) => options, ui: {} as SwaggerOptions };
    runInNewContext(script, { window });
    const system = { fn: { isFileUploadIntended: (): boolean => true } };
    for (const { afterLoad } of window.ui.plugins) afterLoad.call(system);
    expect(system.fn.isFileUploadIntended()).to.equal(false);
  });

  it('has its parts with their types, to be kept for a day', async () => {
    await using server = await serve({ operations });
    const types = {
      'swagger-ui.css': 'text/css; charset=utf-8',
      'swagger-ui-bundle.js': 'application/javascript; charset=utf-8',
      'start.js': 'application/javascript; charset=utf-8',
      'favicon-32x32.png': 'image/png',
    };
    for (const [file, type] of Object.entries(types)) {
      const { status, headers } = await fetch(`${server.url}/static/${file}`, {
        ...{ method: 'HEAD', headers: { 'Accept-Encoding': 'identity' } },
      });
      const sent = [status, headers.get('Content-Type')?.replace('text/javascript', 'application/javascript')];
      expect([...sent, headers.get('Cache-Control')]).to.deep.equal([200, type, 'public, max-age=86400']);
      expect(Number(headers.get('Content-Length'))).to.be.above(100);
    }
  });

  it('gives no other file', async () => {
    await using server = await serve({ operations });
    const wire = wireTo(server.url);
    const asked: [string, number][] = [
      ['/static/nosuch', 404],
      ['/static/..', 404],
      ['/static/package.json', 404],
      ['/static/__proto__', 404],
      ['/static/..%2fpage.ts', 400],
      ['/static/..%2F..%2F..%2Fetc%2Fpasswd', 400],
      ['/static/..%5c..%5cpage.ts', 404],
      ['/static/start.js%00', 404],
      ['/static/%', 404],
      ['/static/../package.json', 404],
      ['/static/', 404],
      ['/static', 404],
    ];
    for (const [path, status] of asked) {
      const answer = await wire.send({ method: 'GET', path, headers: {}, body: undefined });
      expect([path, answer.status]).to.deep.equal([path, status]);
      expect(answer.body).to.have.all.keys('Code', 'Message');
    }
    wire.close();
  });
});
