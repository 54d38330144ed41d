import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';

/** An answer as a test got it: the body parsed where it is JSON. */
export interface Answered {
  readonly method: string;
  /** with or without parameters */
  readonly path: string;
  readonly status: number;
  readonly body: unknown;
}

/** What an OpenAPI document has for a method of a path. */
interface Documented {
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, object>> }>>;
}
export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Documented>>>>;
}

/** Says what of an answer is not as the document promises; undefined where everything is. */
export type Conformance = (answer: Answered) => string | undefined;

/** Compares answers with an OpenAPI 3.1 document by a validator of JSON Schema 2020-12. */
export function conformanceTo(document: OpenApi): Conformance {
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: false });
  ajv.addSchema({ ...document, $id: 'openapi' });
  const validators = new Map<string, ValidateFunction>();
  const validator = (pointer: string): ValidateFunction => {
    const known = validators.get(pointer) ?? ajv.compile({ $ref: `openapi#${pointer}` });
    validators.set(pointer, known);
    return known;
  };
  return ({ method, path, status, body }) => {
    const template = templateOf(document, path);
    const [name, operation] = documented(document, template ?? '', method.toLowerCase());
    if (operation === undefined) return undocumented(method, path, status, template !== undefined);
    const response = operation.responses[status];
    if (response === undefined) return `${method} ${template}: status ${status} is not documented`;
    if (method === 'HEAD') return body === '' ? undefined : `${method} ${template} has a body`;
    if (response.content?.['application/json'] === undefined) return undefined;
    const parts = ['paths', `${template}`, name, 'responses', `${status}`, 'content', 'application/json', 'schema'];
    const validate = validator(parts.map((part) => `/${pointerPart(part)}`).join(''));
    return validate(body) ? undefined : `${method} ${template}: ${status}: ${ajv.errorsText(validate.errors)}`;
  };
}

/** `HEAD` is answered as `GET` is, even where the document says nothing of it. */
function documented({ paths }: OpenApi, template: string, method: string): [string, Documented | undefined] {
  const item = paths[template] ?? {};
  return method === 'head' && item.head === undefined ? ['get', item.get] : [method, item[method]];
}

/** Preflights are answered wherever something is, anything else is refused. */
function undocumented(method: string, path: string, status: number, known: boolean): string | undefined {
  const expected = !known ? [404, 400] : method === 'OPTIONS' ? [204] : [405];
  return [...expected, 413].includes(status) ? undefined : `${method} ${path} is not documented: ${status}`;
}

/** The path of the document that a path is an instance of; literal ones first. */
export function templateOf({ paths }: OpenApi, path: string): string | undefined {
  const [bare = ''] = path.split('?');
  const templates = Object.keys(paths).filter((template) => patternOf(template).test(bare));
  return templates.sort((a, b) => a.split('{').length - b.split('{').length)[0];
}

const patternOf = (template: string): RegExp => new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`);
const pointerPart = (part: string): string => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
