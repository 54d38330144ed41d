/** Swagger UI over the document of the same server; nothing comes from elsewhere. */
export function documentationPage(title: string): string {
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
    '<div id="swagger-ui"></div>',
    '<script src="static/swagger-ui-bundle.js"></script>',
    '<script src="static/start.js"></script>',
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

/** What the page needs (it styles elements, and has small pictures in its style sheet), and nothing more. */
export const pagePolicy = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
