import type { z } from 'zod';
import { checkCatalogs } from '../core/config/catalogs.ts';
import { LazuliError } from '../core/config/errors.ts';
import { type StackConfiguration, stackNamePattern, stackSchema } from './configuration.ts';
import { refusals } from './refusals.ts';

const key = 'lazuli:stack';

/**
 * Checks the name of a stack and the object `lazuli:stack` of its file.
 *
 * @throws LazuliError `configuration_invalid`: for every wrong member its key, its value and what is allowed
 */
export function parseStack(name: string, input: unknown): StackConfiguration {
  if (!stackNamePattern.test(name)) {
    throw invalid([`the name of the stack: ${JSON.stringify(name)} is not allowed: ${stackNamePattern}`]);
  }
  const result = stackSchema.safeParse(input ?? {}, { reportInput: true });
  if (!result.success) throw invalid(result.error.issues.flatMap((issue) => describe(issue, input)));
  const refused = refusals(result.data);
  if (refused.length > 0) throw invalid(refused.map(({ path: members, message }) => told(members, message, input)));
  checkCatalogs(result.data.catalogs, `${key}.catalogs`);
  return result.data;
}

function invalid(problems: readonly string[]): LazuliError {
  return new LazuliError('configuration_invalid', problems.join('\n'), {
    remedy: 'Correct these keys in the file of the stack; docs/deploying.md lists all of them.',
  });
}

/** For the union of an own domain and a shared one, the issue is that of the one that the input looks like. */
function describe(issue: z.core.$ZodIssue, input: unknown): readonly string[] {
  if (issue.code === 'invalid_union') {
    const shared = Object.hasOwn(Object(valueAt(input, issue.path)), 'sharedWith');
    const members = issue.errors[shared ? 0 : issue.errors.length - 1] ?? [];
    return members.flatMap((member) => describe({ ...member, path: [...issue.path, ...member.path] }, input));
  }
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((name) => `${path([...issue.path, name])}: there is no such key`);
  }
  return [told(issue.path, issue.message, input)];
}

function told(members: readonly PropertyKey[], message: string, input: unknown): string {
  const value = valueAt(input, members);
  const shown = value === undefined ? 'it is missing' : `${JSON.stringify(value)} is not allowed`;
  return `${path(members)}: ${shown}: ${message}`;
}

const path = (members: readonly PropertyKey[]): string => [key, ...members.map(String)].join('.');

function valueAt(input: unknown, members: readonly PropertyKey[]): unknown {
  let value = input;
  for (const member of members) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, member)) return undefined;
    value = (value as Readonly<Record<PropertyKey, unknown>>)[member];
  }
  return value;
}
