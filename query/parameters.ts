import { z } from 'zod';
import type { LazuliError } from '../config/errors.ts';
import { refusal, shown } from './filter/refusal.ts';

/** Parameters before they are parsed, by name: from the URL, or from the body of a POST. */
export type RawParameters = Readonly<Record<string, unknown>>;

const text = z.string({ error: ({ path, input }) => `Invalid value for \`${path?.join('.')}\`: ${shown(input)}` });

/** Numbers may stand in a body as such. */
const size = z
  .union([text, z.number().transform(String)], { error: ({ input }) => invalidSize(input, '') })
  .default('10')
  .transform((value, { addIssue }) => {
    if (!/^-?\d{1,9}$/.test(value)) return refuse(addIssue, invalidSize(value, ', must be a whole number'));
    if (Number(value) < 1) return refuse(addIssue, invalidSize(value, ', must be greater than 0'));
    return Number(value);
  });

const order = z.enum(['asc', 'desc'], {
  error: ({ input }) => `Unknown order ${shown(input)}: \`order\` must be one of asc, desc`,
});

const filters = text.default('{}');
const catalog = text.optional();

/** Parameters of a list of entities, and of one entity (specification, service-api 7). */
export const entityParameters = z
  .strictObject({
    catalog,
    filters,
    size,
    sort: text.optional(),
    order: order.optional(),
    search_after: text.optional(),
    search_before: text.optional(),
    search_after_uid: text.optional(),
    search_before_uid: text.optional(),
  })
  .refine(({ search_after, search_before }) => search_after === undefined || search_before === undefined, {
    error: 'Only one of search_after or search_before may be set',
  });
export type EntityParameters = z.output<typeof entityParameters>;

/** Parameters of routes that are about a catalog as a whole. */
export const catalogParameters = z.strictObject({ catalog });

/** Routes without parameters. */
export const noParameters = z.strictObject({});

/** @throws LazuliError `bad_request` naming parameter and value */
export function parseParameters<T extends z.ZodType>(schema: T, raw: RawParameters): z.output<T> {
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  throw refusalOf(result.error, raw);
}

function refusalOf({ issues }: z.ZodError, raw: RawParameters): LazuliError {
  const unknown = issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : [])).sort();
  if (unknown.length > 0) {
    const names = unknown.map((name) => `\`${name.slice(0, 80)}\``).join(', ');
    return refusal(
      `Unknown query parameter${unknown.length > 1 ? 's' : ''} ${names}.`,
      'Leave out what this route does not know.',
    );
  }
  const missing = issues.filter((issue) => issue.code === 'invalid_type' && !Object.hasOwn(raw, String(issue.path[0])));
  if (missing.length > 0) {
    const names = missing.map(({ path }) => `\`${path.join('.')}\``).sort();
    return refusal(
      `Missing required query parameter${names.length > 1 ? 's' : ''} ${names.join(', ')}.`,
      'Add what is missing.',
    );
  }
  return refusal(`${issues[0]?.message ?? 'Invalid parameters'}.`, 'Correct it, or leave it out.');
}

/** Parameters of a URL; of those given more than once the last counts. */
export function urlParameters(query: string): RawParameters {
  return Object.fromEntries(new URLSearchParams(query));
}

/**
 * Moves the members of a JSON body to the parameters (specification, service-api 1.6).
 *
 * @throws LazuliError `bad_request`
 */
export function hoist(parameters: RawParameters, body: string): RawParameters {
  if (body === '') return parameters;
  const members = parseBody(body);
  const twice = Object.keys(members).filter((name) => Object.hasOwn(parameters, name));
  if (twice.length > 0) {
    throw refusal(
      `Conflicting keys between body and query parameters: ${shown(twice)}.`,
      'Give each of them in one place.',
    );
  }
  return { ...parameters, ...members };
}

function parseBody(body: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    throw refusal(`Error Parsing JSON: ${(error as Error).message}.`, 'Send a JSON object as the body.');
  }
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>;
  throw refusal('Request body is not a JSON object.', 'Send one whose members are query parameters.');
}

function invalidSize(value: unknown, why: string): string {
  return `Invalid value for parameter \`size\`${why}: ${shown(value)}`;
}

function refuse(addIssue: (message: string) => void, message: string): never {
  addIssue(message);
  return z.NEVER;
}
