import { z } from 'zod';
import type { ErrorCode } from '../../core/config/errors.ts';
import { type Operation, operation } from '../../core/http/operation.ts';
import { noParameters, textParameter } from '../../core/http/parameters.ts';
import type { QueryDeps } from '../deps.ts';
import { fetchAnswer, pathOf, type Variant } from '../manifests/answers.ts';
import { objectsPath } from '../manifests/links.ts';
import { withoutPlaces } from '../manifests/places.ts';
import { answerPoll, answerRequest } from '../manifests/protocol.ts';
import { sendObject } from '../manifests/sending.ts';
import { manifestParameters } from '../parameters.ts';
import { entitySchemas } from '../schemas/entities.ts';

const tag = 'Manifests';
const refusals: readonly ErrorCode[] = ['not_found', 'forbidden', 'unavailable'];

/** `/manifest/files`, the same for scripts, and the files themselves (specification, service-api 10). */
export function manifestOperations(deps: QueryDeps): readonly Operation[] {
  const variants = ['plain', 'fetch'] as const;
  return [
    ...variants.flatMap((variant) => [requestOf(deps, variant, 'put'), requestOf(deps, variant, 'post')]),
    ...variants.map((variant) => pollOf(deps, variant)),
    objectOperation(deps),
  ];
}

const names = { plain: 'Manifest', fetch: 'ManifestByFetch' } as const;

function requestOf(deps: QueryDeps, variant: Variant, method: 'put' | 'post'): Operation {
  const schemas = entitySchemas(deps.catalogs);
  const id = `${method === 'put' ? 'request' : 'post'}${names[variant]}`;
  return operation({
    ...{ method, path: pathOf(variant), id, tag, authenticated: true, refusals },
    summary: method === 'put' ? 'Have a manifest made' : 'Have a manifest made, and follow redirects up to the file',
    description:
      method === 'put'
        ? 'Ask at the location that is answered until the manifest is there. The same request gets the same manifest.'
        : "Does what PUT does; who follows its redirects is kept waiting at each: `curl --data '' --location URL` ends with the file.",
    query: manifestParameters(deps.catalogs, schemas),
    components: schemas.filters,
    body: {
      kind: 'parameters',
      limit: { maxBytes: deps.limits.requestBytes, remedy: 'Filter by fewer values.' },
      description: 'Parameters as members of a JSON object. A body of another type is ignored.',
      ignoresOthers: true,
    },
    answer: redirects(variant),
    respond: (ctx, { query }) =>
      withoutPlaces(() =>
        answerRequest(deps, ctx, {
          variant,
          isHeld: method === 'post',
          given: { catalog: query.catalog, format: query.format, filters: query.filters },
        }),
      ),
  });
}

const tokenPath = z.object({
  token: z.string().min(1).meta({ description: 'Of the location that was answered before.' }),
});

function pollOf(deps: QueryDeps, variant: Variant): Operation {
  return operation({
    ...{ method: 'get', path: `${pathOf(variant)}/{token}`, id: `get${names[variant]}`, tag, authenticated: true },
    summary: 'Whether a manifest is there',
    pathParameters: tokenPath,
    query: noParameters,
    refusals: [...refusals, 'gone', 'manifest_failed'],
    answer: redirects(variant),
    respond: (ctx, { path }) => withoutPlaces(() => answerPoll(deps, ctx, variant, path.token)),
  });
}

function redirects(variant: Variant) {
  if (variant === 'fetch') return { description: 'What the other path would redirect to.', schema: fetchAnswer };
  const later =
    'The manifest is being made: ask at `Location` after `Retry-After` seconds. `Job-Progress` says how far it is.';
  return {
    status: 302,
    description:
      'The manifest is at `Location`, with as many rows and bytes as `Job-Progress` says. The body has commands that download it.',
    mediaType: 'text/plain',
    others: { 301: { description: later, schema: z.null() } },
  };
}

const digits = textParameter.regex(/^\d{1,12}$/, { error: 'Invalid value for `expires`' }).transform(Number);

/** Only where the service itself sends results. */
function objectOperation(deps: QueryDeps): Operation {
  return operation({
    ...{ method: 'get', path: `${objectsPath}/{object}`, id: 'getManifestFile', tag },
    summary: 'A manifest, by the URL that was signed for it',
    pathParameters: z.object({ object: z.string() }),
    query: z.strictObject({ name: textParameter, expires: digits, signature: textParameter }),
    refusals: ['forbidden', 'gone', 'unavailable'],
    answer: {
      description: 'The file.',
      mediaType: '*/*',
      others: { 206: 'The part that `Range` asks for.', 304: 'The caller has it.', 416: 'It has no such part.' },
    },
    respond: (ctx, { path, query: { signature, ...url } }) =>
      withoutPlaces(async () => sendObject(await deps.exports(), ctx, { ...url, object: path.object }, signature)),
  });
}
