import { extname } from 'node:path';
import { z } from 'zod';
import { LazuliError } from '../../config/errors.ts';
import { baseUrl } from '../base-url.ts';
import { type Operation, operation } from '../operation.ts';
import { refusal, shown } from '../refusal.ts';
import type { Context } from '../state.ts';
import { asset } from './assets.ts';
import { type ApiDescription, type OpenApiDocument, openApiDocument } from './document.ts';
import { documentationPage, pagePolicy } from './page.ts';

const tag = 'Auxiliary';

/** The operations, and those that document them and themselves: `/`, `/static/{file}` and `/openapi` (specification, service-api 3). */
export const withDocumentation = (operations: readonly Operation[], api: ApiDescription): readonly Operation[] =>
  withOpenApi([...operations, pageOperation(documentationPage(api.title)), assetOperation], api);

/** The operations, and `/openapi`, which documents them and itself. */
export function withOpenApi(operations: readonly Operation[], api: ApiDescription): readonly Operation[] {
  let document: OpenApiDocument | undefined;
  const all: readonly Operation[] = [
    ...operations,
    openApiOperation(() => {
      document ??= openApiDocument(all, api);
      return document;
    }),
  ];
  return all;
}

function openApiOperation(document: () => OpenApiDocument): Operation {
  return operation({
    ...{ method: 'get', path: '/openapi', id: 'getOpenApi', tag, summary: 'This document' },
    answer: { description: 'An OpenAPI document.', schema: z.looseObject({ openapi: z.string() }) },
    handle: (ctx) => {
      ctx.set('Cache-Control', 'public, max-age=500');
      ctx.vary('Host, X-Forwarded-Proto');
      return { ...document(), servers: [{ url: `${baseUrl(ctx)}/` }] };
    },
  });
}

function pageOperation(page: string): Operation {
  return operation({
    ...{ method: 'get', path: '/', id: 'getPage', tag, summary: 'This document as a page to try it out' },
    answer: { description: 'Swagger UI.', mediaType: 'text/html' },
    respond: (ctx) => {
      ctx.set({ 'Cache-Control': 'public, max-age=0, must-revalidate', 'Content-Security-Policy': pagePolicy });
      ctx.type = 'html';
      ctx.body = page;
    },
  });
}

const assetOperation = operation({
  ...{ method: 'get', path: '/static/{file}', id: 'getAsset', tag, summary: 'A part of that page' },
  pathParameters: z.object({ file: z.string() }),
  refusals: ['not_found'],
  answer: { description: 'The file.', mediaType: '*/*' },
  respond: (ctx, { path }) => sendAsset(ctx, path.file),
});

async function sendAsset(ctx: Context, file: string): Promise<void> {
  if (file.includes('/')) throw refusal(`${shown(file)} is no name of a file.`, 'Leave out folders.');
  const content = await asset(file);
  if (content === undefined) {
    throw new LazuliError('not_found', `There is no file ${shown(file)}.`, { remedy: 'The page at / names all.' });
  }
  ctx.set('Cache-Control', 'public, max-age=86400');
  ctx.type = extname(file);
  ctx.body = content;
}
