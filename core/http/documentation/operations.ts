import { extname } from 'node:path';
import { z } from 'zod';
import { LazuliError } from '../../config/errors.ts';
import { redirectPath, type SignIn } from '../../config/sign-in.ts';
import { baseUrl } from '../base-url.ts';
import { type Operation, operation } from '../operation.ts';
import { refusal, shown } from '../refusal.ts';
import type { Context } from '../state.ts';
import { asset } from './assets.ts';
import { type ApiDescription, type OpenApiDocument, openApiDocument } from './document.ts';
import { documentationPage, pagePolicy, redirectPage, redirectPolicy } from './page.ts';
import { type AskSignIn, SecuredDocuments } from './sign-in.ts';

const tag = 'Auxiliary';

/**
 * The operations, and those that document them and themselves: `/`, `/static/{file}` and `/openapi` (specification, service-api 3).
 *
 * @param signIn absent: nobody can sign in
 */
export function withDocumentation(
  operations: readonly Operation[],
  api: ApiDescription,
  signIn?: AskSignIn,
): readonly Operation[] {
  const redirect = signIn === undefined ? [] : [redirectOperation];
  return withOpenApi([...operations, pageOperation(api.title, signIn), ...redirect, assetOperation], api, signIn);
}

/** The operations, and `/openapi`, which documents them and itself. */
export function withOpenApi(
  operations: readonly Operation[],
  api: ApiDescription,
  signIn?: AskSignIn,
): readonly Operation[] {
  let plain: OpenApiDocument | undefined;
  const documents = new SecuredDocuments(() => {
    plain ??= openApiDocument(all, api);
    return plain;
  });
  const all: readonly Operation[] = [...operations, openApiOperation(documents, signIn)];
  return all;
}

function openApiOperation(documents: SecuredDocuments, signIn: AskSignIn | undefined): Operation {
  return operation({
    ...{ method: 'get', path: '/openapi', id: 'getOpenApi', tag, summary: 'This document' },
    answer: { description: 'An OpenAPI document.', schema: z.looseObject({ openapi: z.string() }) },
    handle: async (ctx) => {
      ctx.set('Cache-Control', 'public, max-age=500');
      ctx.vary('Host, X-Forwarded-Proto');
      const document = documents.of(await signInNow(ctx, signIn));
      return { ...document, servers: [{ url: `${baseUrl(ctx)}/` }] };
    },
  });
}

function pageOperation(title: string, signIn: AskSignIn | undefined): Operation {
  return operation({
    ...{ method: 'get', path: '/', id: 'getPage', tag, summary: 'This document as a page to try it out' },
    answer: { description: 'Swagger UI.', mediaType: 'text/html' },
    respond: async (ctx) => {
      ctx.set('Cache-Control', 'public, max-age=0, must-revalidate');
      const known = await signInNow(ctx, signIn);
      ctx.set('Content-Security-Policy', pagePolicy(known));
      ctx.type = 'html';
      ctx.body = documentationPage(title, known);
    },
  });
}

/** How people sign in, or null. Where the provider can't be asked, the API is documented all the same, for that moment. */
async function signInNow(ctx: Context, signIn: AskSignIn | undefined): Promise<SignIn | null> {
  if (signIn === undefined) return null;
  try {
    return await signIn();
  } catch (err) {
    ctx.state.log.warn({ err }, 'how people sign in is not known at the moment: it is documented without');
    ctx.set('Cache-Control', 'no-store');
    return null;
  }
}

/** Where the provider sends people back to, in the window that Swagger UI has opened. */
const redirectOperation = operation({
  ...{ method: 'get', path: redirectPath, id: 'getRedirect', tag, summary: 'The end of signing in, for that page' },
  answer: { description: 'It closes itself.', mediaType: 'text/html' },
  respond: (ctx) => {
    ctx.set('Content-Security-Policy', redirectPolicy);
    ctx.type = 'html';
    ctx.body = redirectPage;
  },
});

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
