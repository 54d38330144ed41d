import type { z } from 'zod';
import {
  createDocument,
  type ZodOpenApiObject,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponseObject,
} from 'zod-openapi';
import type { Answer, Operation } from '../operation.ts';
import { withJsonParameters } from './json-parameters.ts';
import { refusalResponses } from './refusals.ts';

/** What an OpenAPI document says of an API as a whole. */
export interface ApiDescription {
  readonly title: string;
  readonly description: string;
  readonly version: string;
  /** in the order of the page; those without an operation are left out */
  readonly tags: readonly { readonly name: string; readonly description: string }[];
}

/** An OpenAPI 3.1 document without `servers`: where the API is only a request tells. */
export type OpenApiDocument = ReturnType<typeof createDocument>;

/** The name under which operations say that a caller may authorize. */
const scheme = 'bearer';

/** The document of these operations, made of the schemas by which they work. */
export function openApiDocument(operations: readonly Operation[], api: ApiDescription): OpenApiDocument {
  const { title, description, version } = api;
  const used = new Set(operations.map(({ tag }) => tag));
  const securitySchemes = operations.some(({ authenticated }) => authenticated)
    ? { [scheme]: { type: 'http', scheme: 'bearer' } as const }
    : {};
  const document: ZodOpenApiObject = {
    openapi: '3.1.1',
    info: { title, description, version },
    tags: api.tags.filter(({ name }) => used.has(name)).map((tag) => ({ ...tag })),
    paths: pathsOf(operations),
    components: { securitySchemes, schemas: Object.assign({}, ...operations.map(({ components }) => components)) },
  };
  const made = createDocument(document, { override: ({ jsonSchema }) => withoutNeedlessBounds(jsonSchema) });
  return withJsonParameters(made);
}

/** That integers are safe ones goes without saying; sums of them might not be. */
function withoutNeedlessBounds(schema: { minimum?: unknown; maximum?: unknown }): void {
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
}

function pathsOf(operations: readonly Operation[]): ZodOpenApiPathsObject {
  const paths: ZodOpenApiPathsObject = {};
  for (const operation of operations) {
    const { path, method, headId } = operation;
    const described = operationObject(operation);
    paths[path] = { ...paths[path], [method]: described, ...(headId && { head: headOf(described, headId) }) };
  }
  return paths;
}

function operationObject(operation: Operation): ZodOpenApiOperationObject {
  const { id, tag, summary, description, deprecated, authenticated, pathParameters, query, body, answer } = operation;
  const schema = body?.kind === 'json' ? body.schema : query;
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description && { description }),
    ...(deprecated && { deprecated }),
    ...(authenticated && { security: [{}, { [scheme]: [] }] }),
    requestParams: { ...(pathParameters && { path: pathParameters }), ...(query && { query }) },
    ...(body &&
      schema && {
        requestBody: {
          description: body.description,
          required: body.kind === 'json',
          content: { 'application/json': { schema } },
        },
      }),
    responses: { ...refusalResponses(operation), ...responsesOf(answer) },
  };
}

function responsesOf({
  status = 200,
  description,
  schema,
  mediaType = 'application/json',
  others = {},
}: Answer<z.ZodType>) {
  const response = (meaning: string, of: z.ZodType | undefined): ZodOpenApiResponseObject => ({
    description: meaning,
    ...(of
      ? { content: { [mediaType]: { schema: of } } }
      : mediaType === 'application/json'
        ? {}
        : { content: { [mediaType]: {} } }),
  });
  const further = Object.entries(others).map(([other, meaning]) => [
    other,
    typeof meaning === 'string' ? response(meaning, schema) : response(meaning.description, meaning.schema),
  ]);
  return { [status]: response(description, schema), ...Object.fromEntries(further) };
}

/** The same without bodies (RFC 9110, 9.3.2). */
function headOf(operation: ZodOpenApiOperationObject, operationId: string): ZodOpenApiOperationObject {
  const responses = Object.entries(operation.responses ?? {}).map(([status, response]) => {
    const { content: _, ...bodiless } = response as ZodOpenApiResponseObject;
    return [status, bodiless];
  });
  return {
    ...operation,
    operationId,
    summary: `${operation.summary}: the headers`,
    responses: Object.fromEntries(responses),
  };
}
