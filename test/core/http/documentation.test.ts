import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { LazuliError } from '../../../core/config/errors.ts';
import type { OpenApiDocument } from '../../../core/http/documentation/document.ts';
import { withDocumentation } from '../../../core/http/documentation/operations.ts';
import { operation } from '../../../core/http/operation.ts';
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
  readonly oauth2RedirectUrl: string;
}

const characters: Readonly<Record<string, string>> = { '&quot;': '"', '&lt;': '<', '&gt;': '>', '&amp;': '&' };

/** Runs what starts the page at an address. @param page HTML */
async function started(url: string, page: string): Promise<{ options: SwaggerOptions; signIn: unknown }> {
  const data = /data-sign-in="([^"]*)"/.exec(page)?.[1]?.replace(/&\w+;/g, (entity) => characters[entity] ?? entity);
  let signIn: unknown = null;
  const initOAuth = (given: unknown): void => {
    signIn = given;
  };
  const window = {
    SwaggerUIBundle: (options: SwaggerOptions) => ({ ...options, initOAuth }),
    location: { href: `${url}/?x=1#/Index` },
    document: { getElementById: () => ({ dataset: { signIn: data } }) },
    ui: {} as SwaggerOptions,
  };
  runInNewContext(await (await fetch(`${url}/static/start.js`)).text(), { window, URL });
  return { options: window.ui, signIn };
}

const signedIn = {
  issuer: 'https://login.example',
  scopes: ['openid', 'email'],
  parameters: { audience: 'https://"<service>"' },
  page: {
    clientId: 'page',
    authorizationUrl: 'https://login.example/auth',
    tokenUrl: 'https://tokens.example/token' as string | null,
  },
  commandLine: null,
};
const authenticated = operation({
  ...{ method: 'get', path: '/toys', id: 'listToys', tag: 'Auxiliary', summary: 'Toys', authenticated: true },
  answer: { description: 'Toys.', mediaType: 'text/plain' },
  respond: () => undefined,
});

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
    const { options, signIn } = await started(server.url, await (await fetch(server.url)).text());
    const system = { fn: { isFileUploadIntended: (): boolean => true } };
    for (const { afterLoad } of options.plugins) afterLoad.call(system);
    expect(system.fn.isFileUploadIntended()).to.equal(false);
    expect(signIn).to.equal(null);
    expect((await fetch(`${server.url}/oauth2_redirect`)).status).to.equal(404);
  });

  it('says how people sign in, and has them come back', async () => {
    await using server = await serve({ operations: withDocumentation([authenticated], api, async () => signedIn) });
    const { components, paths } = (await (await fetch(`${server.url}/openapi`)).json()) as OpenApiDocument;
    const { authorizationUrl, tokenUrl, clientId } = signedIn.page;
    const scopes = { openid: '', email: '' };
    expect(components?.securitySchemes).to.deep.equal({
      bearer: { type: 'http', scheme: 'bearer' },
      lazuli: { type: 'oauth2', flows: { authorizationCode: { authorizationUrl, tokenUrl, scopes } } },
    });
    expect(paths?.['/toys']?.get?.security).to.deep.equal([{}, { bearer: [] }, { lazuli: ['openid', 'email'] }]);
    expect(paths?.['/openapi']?.get).to.not.have.property('security');

    const answer = await fetch(server.url);
    expect(answer.headers.get('Content-Security-Policy')).to.match(/; connect-src 'self' https:\/\/tokens\.example;/);
    const page = await answer.text();
    expect(await started(server.url, page)).to.deep.include({
      signIn: {
        clientId,
        scopes: signedIn.scopes,
        additionalQueryStringParams: signedIn.parameters,
        usePkceWithAuthorizationCodeGrant: true,
      },
    });
    const redirectUrl = (await started(server.url, page)).options.oauth2RedirectUrl;
    expect(redirectUrl).to.equal(`${server.url}/oauth2_redirect`);

    const back = await fetch(`${redirectUrl}?code=secret-code&state=1`);
    expect([back.status, back.headers.get('Cache-Control')]).to.deep.equal([200, 'no-store']);
    expect(back.headers.get('Content-Security-Policy')).to.match(/^default-src 'none'; script-src 'self';/);
    const [, script = ''] = /<script src="([^"]*)">/.exec(await back.text()) ?? [];
    expect((await fetch(`${server.url}/${script}`)).status).to.equal(200);
  });

  it('has the legacy implicit flow where a provider knows nothing else, and asks nothing of it', async () => {
    const page = { ...signedIn.page, tokenUrl: null };
    await using server = await serve({
      operations: withDocumentation([authenticated], api, async () => ({ ...signedIn, page })),
    });
    const { components } = (await (await fetch(`${server.url}/openapi`)).json()) as OpenApiDocument;
    const { authorizationUrl } = page;
    const flows = { implicit: { authorizationUrl, scopes: { openid: '', email: '' } } };
    expect(components?.securitySchemes?.lazuli).to.deep.equal({ type: 'oauth2', flows });
    expect((await fetch(server.url)).headers.get('Content-Security-Policy')).to.not.include('connect-src');
  });

  it('is there without sign-in while the provider can not be asked', async () => {
    let isDown = true;
    const signIn = async () => {
      if (isDown) throw new LazuliError('unavailable', 'The provider is away.');
      return signedIn;
    };
    await using server = await serve({ operations: withDocumentation([authenticated], api, signIn) });
    const schemes = async () => {
      const answer = await fetch(`${server.url}/openapi`);
      const { components } = (await answer.json()) as OpenApiDocument;
      return [Object.keys(components?.securitySchemes ?? {}), answer.headers.get('Cache-Control')];
    };
    expect(await schemes()).to.deep.equal([['bearer'], 'no-store']);
    expect([(await fetch(server.url)).status, (await fetch(server.url)).headers.get('Cache-Control')]).to.deep.equal([
      200,
      'no-store',
    ]);
    isDown = false;
    expect(await schemes()).to.deep.equal([['bearer', 'lazuli'], 'public, max-age=500']);
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
