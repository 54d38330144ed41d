import { z } from 'zod';

/** Mistakes that are shown one by one. */
export const maxShown = 10;

/** The first mistakes that a schema has found, and how many more there are: a line each, with its place. */
export function shownIssues({ issues }: Pick<z.ZodError, 'issues'>): string {
  return firstOf(issues.length, z.prettifyError({ issues: issues.slice(0, maxShown) }));
}

/** The same of mistakes that were found otherwise. */
export const shownProblems = (problems: readonly string[]): string =>
  firstOf(problems.length, problems.slice(0, maxShown).join('\n'));

const firstOf = (count: number, shown: string): string =>
  count <= maxShown ? shown : `${shown}\n… and ${count - maxShown} more`;
