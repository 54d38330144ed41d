import * as fc from 'fast-check';
import { anyTextOrHalf } from '../texts.ts';
import { type Schema, valuesOf } from './schema-values.ts';

/** A request as it goes over the wire, but for what a client adds. */
export interface WireRequest {
  readonly method: string;
  /** percent-encoded, with parameters */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
}
type Content = Readonly<Record<string, { readonly schema: Schema }>>;
interface Parameter {
  readonly in: string;
  readonly name: string;
  /** one of the two */
  readonly schema?: Schema;
  readonly content?: Content;
}
interface Described {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND'];
const deep = (depth: number, open: string, close: string): string => open.repeat(depth) + close.repeat(depth);

/** Text that programs stumble over, short enough for a URL. */
const odd = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  anyTextOrHalf(),
  fc.string({ unit: 'grapheme' }),
  fc.json(),
  fc.constantFrom(
    ...['', ' ', '0', '-1', '1e999', '9'.repeat(400), 'NaN', 'null', 'undefined', '[]', '{}', '""', '\u0000', '\ufeff'],
    ...['\ud800', '../../etc/passwd', '%2e%2e%2f', '__proto__', 'constructor', '<script>', "'; DROP", '{{7*7}}'],
    ...['{"__proto__":{"is":[1]}}', '{"is":{}}', deep(200, '[', ']'), deep(200, '{"a":', '}'), 'x'.repeat(1_000)],
    ...['{"title":{"is":["', '1;2', '\u202e', '١', '1_000', '0x10', '+5'],
  ),
);
const long = fc.constantFrom(
  ...[deep(20_000, '[', ']'), `{"filters":${deep(9_000, '{"a":', '}')}`, `{"size":${deep(30_000, '[', ']')}}`],
  ...[`{"filters":${JSON.stringify(`{"title":{"is":[${deep(9_000, '[', ']')}]}}`)}}`, 'x'.repeat(200_000)],
);
const mostly = <T>(usual: fc.Arbitrary<T>, rare: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 5, arbitrary: usual }, { weight: 1, arbitrary: rare });

/** Requests that a document allows, and such that are wrong in one way or in several. */
export function requestsOf(document: Described): fc.Arbitrary<WireRequest> {
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  return fc.constantFrom(...operations).chain(({ path, method, operation }) =>
    fc
      .record({
        method: fc.oneof(
          { weight: 12, arbitrary: fc.constant(method) },
          { weight: 1, arbitrary: fc.constantFrom(...methods) },
        ),
        path: pathsOf(document, path, operation),
        query: queriesOf(document, operation),
        headers: headers,
        body: bodiesOf(document, operation),
      })
      .map(({ query, body, ...request }) => {
        const sent = request.method === 'GET' || request.method === 'HEAD' ? undefined : body;
        return { ...request, path: `${request.path}${query}`, body: sent };
      }),
  );
}

const schemaOf = ({ schema, content }: Parameter): Schema => schema ?? content?.['application/json']?.schema ?? {};

const fits = (document: Described, schema: Schema): fc.Arbitrary<string> =>
  valuesOf(schema, (name) => document.components.schemas[name.split('/').at(-1) ?? ''] ?? {}).map((value) =>
    typeof value === 'string' ? value : JSON.stringify(value),
  );

/** Broken encodings among others. */
const encoded = (text: string): string => encodeURIComponent(text.toWellFormed());
const raw = fc.constantFrom('%', '%zz', '%E0%A4%A', '%00', '%2F', '..', '%ff', '+');

function pathsOf(document: Described, path: string, { parameters = [] }: Operation): fc.Arbitrary<string> {
  const inPath = parameters.filter((parameter) => parameter.in === 'path');
  const values = inPath.map((parameter) =>
    fc.oneof(
      { weight: 10, arbitrary: fits(document, schemaOf(parameter)).map(encoded) },
      { weight: 1, arbitrary: odd.map(encoded) },
      { weight: 1, arbitrary: raw },
    ),
  );
  return fc.tuple(...values).map((found) => path.replace(/\{\w+\}/g, () => found.shift() ?? ''));
}

function queriesOf(document: Described, { parameters = [] }: Operation): fc.Arbitrary<string> {
  const named = parameters.filter((parameter) => parameter.in === 'query');
  const known = named.map((parameter) =>
    mostly(fits(document, schemaOf(parameter)), odd).map((value) => `${parameter.name}=${encoded(value)}`),
  );
  const unknown = fc.tuple(odd, odd).map(([name, value]) => `${encoded(name)}=${encoded(value)}`);
  const broken = fc
    .tuple(fc.constantFrom('filters', 'size', 'catalog'), raw)
    .map(([name, value]) => `${name}=${value}`);
  const one = fc.oneof(
    ...(known.length === 0 ? [] : [{ weight: 20, arbitrary: fc.oneof(...known) }]),
    { weight: 1, arbitrary: unknown },
    { weight: 1, arbitrary: broken },
  );
  return fc.array(one, { maxLength: 5 }).map((parts) => (parts.length === 0 ? '' : `?${parts.join('&')}`));
}

function bodiesOf(document: Described, { requestBody }: Operation): fc.Arbitrary<string | undefined> {
  const schema = requestBody?.content['application/json']?.schema;
  const wrong = fc.oneof(odd, long, fc.json({ maxDepth: 4 }), fc.constant(undefined));
  return schema === undefined ? wrong : mostly(fits(document, schema), wrong);
}

const headers = fc.record(
  {
    'Content-Type': mostly(
      fc.constant('application/json'),
      fc.constantFrom('text/plain', 'application/json; charset=x', ','),
    ),
    Authorization: fc.constantFrom('Bearer a', 'Bearer', 'Basic eA==', 'a b c', ''),
    'X-Forwarded-Proto': fc.constantFrom('https', 'http', 'gopher', '"'),
    Accept: fc.constantFrom('*/*', 'text/html', 'x'),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<Record<string, string>>;
