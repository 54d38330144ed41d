import type { Context } from '../../http/state.ts';
import type { QueryDeps } from '../deps.ts';

/** `GET /`: a page that leads to what can be asked. */
export function welcomeRoute({ catalogs }: QueryDeps) {
  const page = [
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Lazuli</title><h1>Lazuli</h1>',
    '<p><a href="/index/catalogs">Catalogs</a> · <a href="/health">Health</a> · <a href="/version">Version</a></p>',
    ...[...catalogs.byName.values()].map(({ name, entities }) => {
      const links = [...entities.keys()].map((type) => `<li><a href="/index/${type}?catalog=${name}">${type}</a></li>`);
      return `<h2>${name}</h2><ul>${links.join('')}</ul>`;
    }),
    '</html>',
  ].join('\n');
  return (ctx: Context): void => {
    ctx.set('Cache-Control', 'public, max-age=0, must-revalidate');
    ctx.type = 'html';
    ctx.body = page;
  };
}
