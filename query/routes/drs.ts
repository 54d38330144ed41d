import { z } from 'zod';
import { errors, LazuliError } from '../../core/config/errors.ts';
import { baseUrl } from '../../core/http/base-url.ts';
import { parsedBody, readBody, requireJson } from '../../core/http/body.ts';
import { errorBody } from '../../core/http/errors.ts';
import { type Operation, operation } from '../../core/http/operation.ts';
import { textParameter as text } from '../../core/http/parameters.ts';
import type { Context } from '../../core/http/state.ts';
import type { QueryDeps } from '../deps.ts';
import { accessId } from '../drs/objects.ts';
import {
  accessUrl,
  authorizations,
  bulkAnswer,
  bulkQuestion,
  type DrsObject,
  drsError,
  drsObject,
  drsVersion,
  maxIds,
  serviceInfo,
} from '../drs/schemas.ts';
import { accessTo, objectOf, servingCatalogs } from '../drs/served.ts';

const tag = 'DRS';
const root = '/ga4gh/drs/v1';
const one = z.object({ object_id: z.string().meta({ description: 'UUID of a file or a bundle.' }) });
const version = text.optional().meta({ description: 'The default is the newest one.' });

/** A DRS server of the data files that this deployment has (GA4GH DRS; specification, service-api 13). */
export function drsOperations(deps: QueryDeps): readonly Operation[] {
  return [
    infoOperation(deps),
    objectOperation(deps),
    optionsOperation(deps),
    bulkOperation(deps),
    accessOperation(deps),
  ];
}

function infoOperation({ version: { git } }: QueryDeps): Operation {
  return operation({
    ...{ method: 'get', path: `${root}/service-info`, id: 'getDrsServiceInfo', tag },
    summary: 'What this DRS server is',
    answer: { description: 'GA4GH service-info.', schema: serviceInfo },
    handle: (ctx) => {
      const { hostname, origin: url } = new URL(baseUrl(ctx));
      const id = [...hostname.split('.').reverse(), 'drs'].join('.');
      const type = { group: 'org.ga4gh', artifact: 'drs', version: drsVersion } as const;
      return { id, name: 'Lazuli', type, organization: { name: hostname, url }, version: git.commit };
    },
  });
}

/** Parameters are refused as everywhere, all else as DRS has it, too. */
const refusal = (description: string) => ({ description, schema: z.union([drsError, errorBody]) });
const refusals = {
  400: refusal('Something is wrong with the request.'),
  401: refusal('The credential is none.'),
  404: refusal('There is none, or the caller may not see it.'),
  413: refusal('The bundle has too many files.'),
  429: refusal('A repository is asked too often.'),
};

function objectOperation(deps: QueryDeps): Operation {
  return operation({
    ...{ method: 'get', path: `${root}/objects/{object_id}`, id: 'getDrsObject', tag, authenticated: true },
    summary: 'A data file, or a bundle of them',
    pathParameters: one,
    query: z.strictObject({
      version,
      expand: text
        .regex(/^(true|false)$/i, { error: 'Invalid value for `expand`: it must be true or false' })
        .optional()
        .meta({ description: 'Bundles hold no bundles, so it makes no difference.' }),
    }),
    refusals: ['unavailable'],
    answer: { description: 'A DRS object.', schema: drsObject, others: refusals },
    respond: (ctx, { path, query }) =>
      answering(ctx, async () => {
        const wanted = { uuid: path.object_id, version: query.version };
        ctx.body = await objectOf(deps, ctx, await servingCatalogs(deps, ctx), wanted);
      }),
  });
}

function optionsOperation(deps: QueryDeps): Operation {
  return operation({
    ...{ method: 'options', path: `${root}/objects/{object_id}`, id: 'getDrsAuthorizations', tag, authenticated: true },
    summary: 'How callers may authorize to see it',
    pathParameters: one,
    refusals: ['unavailable'],
    answer: {
      description: 'Kinds of credentials.',
      schema: authorizations,
      others: { ...refusals, 204: 'A browser asks what it may do.' },
    },
    respond: (ctx, { path }) =>
      answering(ctx, async () => {
        ctx.set('Allow', 'GET, HEAD, OPTIONS');
        if (ctx.get('Access-Control-Request-Method') !== '') return;
        const wanted = { uuid: path.object_id, version: undefined };
        const { id } = await objectOf(deps, ctx, await servingCatalogs(deps, ctx), wanted);
        ctx.body = { drs_object_id: id, supported_types: ['None', 'BearerAuth'] };
      }),
  });
}

function bulkOperation(deps: QueryDeps): Operation {
  return operation({
    ...{ method: 'post', path: `${root}/objects`, id: 'listDrsObjects', tag, authenticated: true },
    summary: 'Several of them',
    body: { kind: 'json', schema: bulkQuestion, description: `Up to ${maxIds} ids.` },
    refusals: ['unavailable'],
    answer: {
      description: 'Those that there are.',
      schema: bulkAnswer,
      others: { ...refusals, 415: refusal('The body is not JSON.') },
    },
    respond: (ctx) =>
      answering(ctx, async () => {
        requireJson(ctx);
        const bytes = await readBody(ctx, { maxBytes: deps.limits.requestBytes, remedy: 'Ask for fewer.' });
        const { bulk_object_ids: ids } = parsedBody(bytes, bulkQuestion, `Send 1 to ${maxIds} ids.`);
        ctx.body = await several(deps, ctx, ids);
      }),
  });
}

async function several(deps: QueryDeps, ctx: Context, ids: readonly string[]): Promise<z.output<typeof bulkAnswer>> {
  const visible = await servingCatalogs(deps, ctx);
  const resolved: DrsObject[] = [];
  const unresolved = new Map<number, string[]>();
  for (const id of ids) {
    try {
      resolved.push(await objectOf(deps, ctx, visible, { uuid: id, version: undefined }));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      unresolved.set(error.status, [...(unresolved.get(error.status) ?? []), id]);
    }
  }
  return {
    summary: { requested: ids.length, resolved: resolved.length, unresolved: ids.length - resolved.length },
    resolved_drs_object: resolved,
    unresolved_drs_objects: [...unresolved].map(([error_code, object_ids]) => ({ error_code, object_ids })),
  };
}

function accessOperation(deps: QueryDeps): Operation {
  return operation({
    ...{ method: 'get', path: `${root}/objects/{object_id}/access/{access_id}`, id: 'getDrsAccess', tag },
    ...{ authenticated: true, summary: 'A URL of its bytes' },
    pathParameters: one.extend({ access_id: z.string() }),
    query: z.strictObject({ version }),
    refusals: ['unavailable'],
    answer: {
      description: 'A URL that is good for a while.',
      schema: accessUrl,
      others: { ...refusals, 202: { description: 'Ask again after `Retry-After` seconds.', schema: z.null() } },
    },
    respond: (ctx, { path, query }) =>
      answering(ctx, async () => {
        if (path.access_id !== accessId)
          throw new LazuliError('bad_request', 'Invalid DRS access ID.', { remedy: `Use '${accessId}'.` });
        const found = await accessTo(deps, ctx, { uuid: path.object_id, version: query.version });
        if ('url' in found) ctx.body = found;
        else {
          ctx.status = 202;
          ctx.set({ 'Retry-After': String(found.seconds), 'Content-Type': 'application/json' });
          ctx.body = 'null';
        }
      }),
  });
}

const isRefusal = (error: unknown): error is LazuliError => error instanceof LazuliError && error.status < 500;

/** Refusals have what DRS wants of them, too. */
async function answering(ctx: Context, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    if (error.status === 401) ctx.set('WWW-Authenticate', 'Bearer');
    ctx.status = error.status;
    const msg = error.remedy === undefined ? error.message : `${error.message} ${error.remedy}`;
    const { title: Code } = errors[error.code];
    const body: z.output<typeof drsError> = { Code, Message: msg, msg, status_code: error.status };
    ctx.body = body;
  }
}
