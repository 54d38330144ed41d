import type { SignIn } from '../../config/sign-in.ts';

/** Swagger UI over the document of the same server; nothing comes from elsewhere. @param signIn null: nobody can sign in */
export function documentationPage(title: string, signIn: SignIn | null): string {
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escaped(title)}</title>`,
    '<link rel="icon" type="image/png" href="static/favicon-32x32.png">',
    '<link rel="stylesheet" href="static/swagger-ui.css">',
    '</head>',
    '<body>',
    '<noscript>This page needs JavaScript. The API is described at <a href="openapi">openapi</a>.</noscript>',
    `<div id="swagger-ui"${signInData(signIn)}></div>`,
    '<script src="static/swagger-ui-bundle.js"></script>',
    '<script src="static/start.js"></script>',
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

/** What `start.js` tells Swagger UI of signing in. */
function signInData(signIn: SignIn | null): string {
  if (signIn === null || signIn.page === null) return '';
  const { page, scopes, parameters } = signIn;
  return ` data-sign-in="${escaped(JSON.stringify({ clientId: page.clientId, scopes, parameters }))}"`;
}

/**
 * What the page needs (it styles elements, and has small pictures in its style sheet), and nothing more: where people
 * sign in, it asks the provider for a token.
 */
export const pagePolicy = (signIn: SignIn | null): string =>
  [
    "default-src 'self'",
    ...tokenSource(signIn?.page?.tokenUrl ?? null),
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');

const tokenSource = (tokenUrl: string | null): readonly string[] =>
  tokenUrl === null ? [] : [`connect-src 'self' ${new URL(tokenUrl).origin}`];

/** Hands what the provider has answered to the page that has opened this one (specification, service-api 3). */
export const redirectPage = [
  '<!doctype html>',
  '<html lang="en">',
  '<head>',
  '<meta charset="utf-8">',
  '<title>Signing in</title>',
  '</head>',
  '<body>',
  '<script src="static/oauth2-redirect.js"></script>',
  '</body>',
  '</html>',
  '',
].join('\n');

export const redirectPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
