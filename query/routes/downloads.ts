import { z } from 'zod';
import { type Operation, operation } from '../../core/http/operation.ts';
import { noParameters, textParameter as text } from '../../core/http/parameters.ts';
import type { QueryDeps } from '../deps.ts';
import { fetchAnswer, pathOf, type Variant } from '../downloads/answers.ts';
import { answerChecksum, checksumAnswer } from '../downloads/checksums.ts';
import { maxListed } from '../downloads/files.ts';
import { objectsPath } from '../downloads/links.ts';
import { answerDownload, sendDataFile } from '../downloads/protocol.ts';
import { catalogParameter } from '../parameters.ts';

const tag = 'Repository';

/** `/repository/files/{file_uuid}`, the same for scripts, and the files that the service sends (specification, service-api 11). */
export function downloadOperations(deps: QueryDeps): readonly Operation[] {
  return [downloadOf(deps, 'plain'), downloadOf(deps, 'fetch'), checksumOperation(deps), objectOperation(deps)];
}

const oneOf = <const V extends readonly string[]>(name: string, values: V) =>
  z.enum(values, { error: `Invalid value for \`${name}\`: it must be one of ${values.join(', ')}` }).optional();

const parameters = ({ catalogs }: Pick<QueryDeps, 'catalogs'>) =>
  z.strictObject({
    catalog: catalogParameter(catalogs),
    version: text.optional().meta({ description: 'Of the file. The default is its newest one.' }),
    fileName: text.optional().meta({ description: 'Name to save it under, where the service itself sends it.' }),
    wait: oneOf('wait', ['0', '1']).meta({ description: '1: wait here, instead of `Retry-After`.' }),
    replica: oneOf('replica', ['aws', 'gcp']).meta({ description: 'Ignored.', deprecated: true }),
    requestIndex: text
      .regex(/^-?\d{1,9}$/, { error: 'Invalid value for `requestIndex`: it must be a whole number' })
      .transform(Number)
      .default(0)
      .meta({ description: 'Part of locations; follow those.', override: { type: 'integer', default: 0 } }),
    drsUri: text.optional().meta({ description: 'Ignored: the file is looked up.', deprecated: true }),
    token: text.optional().meta({ description: 'Part of locations; follow those.' }),
  });

const names = { plain: 'File', fetch: 'FileByFetch' } as const;

function downloadOf(deps: QueryDeps, variant: Variant): Operation {
  return operation({
    ...{ method: 'get', path: `${pathOf(variant)}/{file_uuid}`, id: `get${names[variant]}`, tag, authenticated: true },
    summary: variant === 'plain' ? 'A data file' : 'Where a data file is, for scripts of browsers',
    pathParameters: z.object({ file_uuid: z.string() }),
    query: parameters(deps),
    refusals: ['not_found', 'forbidden', 'too_many_requests', 'download_failed', 'unavailable'],
    answer: redirects(variant),
    respond: (ctx, { path, query: { wait, catalog, version, fileName, requestIndex, token } }) =>
      answerDownload(deps, ctx, {
        ...{ variant, uuid: path.file_uuid, waits: wait === '1' },
        ...{ catalog, version, fileName, requestIndex, token },
      }),
  });
}

function redirects(variant: Variant) {
  if (variant === 'fetch') return { description: 'What the other path would redirect to.', schema: fetchAnswer };
  return {
    status: 302,
    description: 'The file is at `Location`, for a while.',
    mediaType: 'text/plain',
    others: {
      206: '`Range` asks for the bytes behind its end: the caller has all of it.',
      301: 'It is being made ready: ask at `Location` after `Retry-After` seconds.',
    },
  };
}

/** Files by their checksum. */
function checksumOperation(deps: QueryDeps): Operation {
  return operation({
    ...{ method: 'get', path: pathOf('plain'), id: 'listFilesByChecksum', tag, authenticated: true },
    summary: 'Data files with a checksum',
    query: z.strictObject({
      catalog: catalogParameter(deps.catalogs),
      sha256: text
        .regex(/^[\da-f]{64}$/i, { error: 'Invalid value for `sha256`: it must have 64 hexadecimal digits' })
        .transform((digits) => digits.toLowerCase())
        .meta({
          description: 'SHA-256 of the file, in hexadecimal digits.',
          override: { pattern: '^[0-9A-Fa-f]{64}$' },
        }),
    }),
    refusals: ['not_found', 'forbidden', 'unavailable'],
    answer: {
      description: `The files that the caller may see, by their names: ${maxListed} at most.`,
      schema: checksumAnswer,
    },
    handle: (ctx, { query }) => answerChecksum(deps, ctx, query),
  });
}

/** Only of files that the service itself sends. */
function objectOperation(deps: QueryDeps): Operation {
  return operation({
    ...{ method: 'get', path: `${objectsPath}/{token}`, id: 'getDataFile', tag },
    summary: 'A data file, by the URL that was signed for it',
    pathParameters: z.object({ token: z.string() }),
    query: noParameters,
    refusals: ['forbidden', 'not_found', 'gone', 'unavailable'],
    answer: {
      description: 'The file.',
      mediaType: '*/*',
      others: { 206: 'The part that `Range` asks for.', 304: 'The caller has it.', 416: 'It has no such part.' },
    },
    respond: (ctx, { path }) => sendDataFile(deps, ctx, path.token),
  });
}
