import { z } from 'zod';
import { isWithin, type SourceRef } from './sources.ts';

const names = z.array(z.string().min(1).max(256)).min(1).max(1_000).optional();

/** Whom a rule lets in: members of any of the groups, and the subjects. */
const rule = z
  .strictObject({ groups: names, subjects: names })
  .refine(({ groups, subjects }) => groups !== undefined || subjects !== undefined, {
    error: 'must have groups, subjects, or both',
  });

/** Who may see sources of a catalog, by glob of their ids or specs: for repositories that don't know the callers' groups. */
export const accessRules = z.strictObject({ sources: z.record(z.string().min(1).max(1_024), rule) });
export type AccessRules = z.output<typeof accessRules>;

/** What rules look at of an identity. */
interface Caller {
  /** null: anonymous */
  readonly subject: string | null;
  readonly groups?: readonly string[];
}

/**
 * The sources that the rules leave to a caller. A rule takes away and never gives: each one that names a source has to let the
 * caller in, and a source that none names is as the repository has it.
 */
export function left(rules: AccessRules, sources: readonly SourceRef[], caller: Caller): readonly SourceRef[] {
  const closed = Object.entries(rules.sources).flatMap(([glob, one]) => (letsIn(one, caller) ? [] : [glob]));
  return sources.filter((source) => !closed.some((glob) => isWithin(source, { source: glob, prefix: '' })));
}

function letsIn({ groups = [], subjects = [] }: z.output<typeof rule>, { subject, groups: own = [] }: Caller): boolean {
  if (subject === null) return false;
  return subjects.includes(subject) || own.some((group) => groups.includes(group));
}
