import { z } from 'zod';
import type { LazuliError } from '../config/errors.ts';
import { wholeJson } from '../config/text.ts';
import { refusal, shown } from './refusal.ts';

/** Parameters before they are parsed, by name: from the URL, or from the body of a POST. */
export type RawParameters = Readonly<Record<string, unknown>>;

/** A parameter that is text; says its name and value when it isn't. */
export const textParameter = z.string({
  error: ({ path, input }) => `Invalid value for \`${path?.join('.')}\`: ${shown(input)}`,
});

/** Of routes without parameters. */
export const noParameters = z.strictObject({});

/** @throws LazuliError `bad_request` naming parameter and value */
export function parseParameters<T extends z.ZodObject>(schema: T, raw: RawParameters): z.output<T> {
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  throw refusalOf(result.error, raw, Object.keys(schema.shape));
}

function refusalOf({ issues }: z.ZodError, raw: RawParameters, known: readonly string[]): LazuliError {
  const unknown = issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : []));
  if (unknown.length > 0) {
    const names = unknown.sort().map((name) => `\`${name.slice(0, 80)}\``);
    return refusal(
      `Unknown query parameter${names.length > 1 ? 's' : ''} ${names.join(', ').slice(0, 1000)}.`,
      known.length === 0 ? 'There are none here: leave them out.' : `Known here are ${known.join(', ')}.`,
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
 * @param presence whether there may be no body
 * @throws LazuliError `bad_request`
 */
export function hoist(
  parameters: RawParameters,
  body: string,
  presence: 'optional' | 'required' = 'optional',
): RawParameters {
  if (body === '' && presence === 'optional') return parameters;
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

function parseBody(body: string): RawParameters {
  let value: unknown;
  try {
    value = wholeJson(body);
  } catch (error) {
    throw refusal(`Error Parsing JSON: ${(error as Error).message}.`, 'Send a JSON object as the body.');
  }
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value as RawParameters;
  throw refusal('Request body is not a JSON object.', 'Send one whose members are query parameters.');
}
