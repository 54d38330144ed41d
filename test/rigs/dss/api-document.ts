/** What a route answers to. */
interface Answering {
  readonly method: string;
  readonly path: string;
}

const text = { type: 'string' };
const list = { type: 'array', items: { type: 'object' } };
const inQuery = (name: string, required = false) => ({ name, in: 'query', required, schema: text });

/** What the clients of the store read of each operation: parameters, members of the body, statuses that mean something to them. */
const operations: Readonly<Record<string, { query?: string[]; must?: string[]; body?: object; also?: string[] }>> = {
  'HEAD /v1/files/{uuid}': { query: ['version'], must: ['replica'] },
  'GET /v1/files/{uuid}': {
    query: ['version', 'token', 'directurl', 'content_disposition'],
    must: ['replica'],
    also: ['302'],
  },
  'PUT /v1/files/{uuid}': { must: ['version'], body: { source_url: text, creator_uid: { type: 'integer' } } },
  'GET /v1/bundles/all': { query: ['prefix', 'per_page', 'search_after', 'token'], must: ['replica'], also: ['206'] },
  'GET /v1/bundles/{uuid}': {
    query: ['version', 'directurls', 'presignedurls', 'per_page', 'start_at', 'token'],
    must: ['replica'],
    also: ['206'],
  },
  'PUT /v1/bundles/{uuid}': { must: ['replica', 'version'], body: { creator_uid: { type: 'integer' }, files: list } },
  'PATCH /v1/bundles/{uuid}': { must: ['replica', 'version'], body: { add_files: list, remove_files: list } },
  'DELETE /v1/bundles/{uuid}': { query: ['version'], must: ['replica'], body: { reason: text } },
  'POST /v1/bundles/{uuid}/checkout': {
    query: ['version'],
    must: ['replica'],
    body: { destination: text, email: text },
  },
  'GET /v1/bundles/checkout/{id}': { must: ['replica'] },
  'POST /v1/search': {
    query: ['output_format', 'per_page', 'search_after'],
    must: ['replica'],
    body: { es_query: { type: 'object' } },
    also: ['206'],
  },
  'PUT /v1/subscriptions': {
    must: ['replica'],
    body: {
      callback_url: text,
      es_query: { type: 'object' },
      jmespath_query: text,
      hmac_secret_key: text,
      hmac_key_id: text,
    },
  },
  'GET /v1/subscriptions': { query: ['subscription_type'], must: ['replica'] },
  'GET /v1/subscriptions/{uuid}': { query: ['subscription_type'], must: ['replica'] },
  'DELETE /v1/subscriptions/{uuid}': { query: ['subscription_type'], must: ['replica'] },
};

const isInName = (method: string, path: string): boolean =>
  ['PUT', 'PATCH', 'DELETE'].includes(method) || path.includes('/subscriptions');

/** The document from which the client `hca` makes its methods (specification, dss 7). @param origin of the store */
export function apiDocument(routes: readonly Answering[], origin: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const { method, path } of routes) {
    const operation = operations[`${method} ${path}`];
    if (operation === undefined) continue;
    const { query = [], must = [], body, also = [] } = operation;
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
      name,
      in: 'path',
      required: true,
      schema: text,
    }));
    const parameters = [...inPath, ...must.map((name) => inQuery(name, true)), ...query.map((name) => inQuery(name))];
    const schema = { type: 'object', properties: body };
    const own = {
      parameters,
      responses: Object.fromEntries(['200', ...also].map((status) => [status, { description: '' }])),
      ...(body === undefined ? {} : { requestBody: { content: { 'application/json': { schema } } } }),
      ...(isInName(method, path) ? { security: [{ dcpAuth: [] }] } : {}),
    };
    const name = path.replace('/v1', '');
    paths[name] = { ...paths[name], [method.toLowerCase()]: own };
  }
  const info = { title: 'Data store', description: 'A data store for tests.', version: '0' };
  return { openapi: '3.0.0', info, servers: [{ url: `${origin}/v1` }], paths };
}
