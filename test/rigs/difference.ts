import type { InnerEntities, Members } from '../../transform/reference/contribution.ts';
import { canonical } from './hca/canonical.ts';

export type { InnerEntities, Members };

/** What differs between two contents, role by role; field by field where only one inner entity differs. */
export function contentsDifferences(ours: InnerEntities, theirs: InnerEntities): string[] {
  const roles = new Set([...Object.keys(ours), ...Object.keys(theirs)]);
  return [...roles].flatMap((role) => {
    const [a, b] = [ours[role], theirs[role]];
    if (a === undefined || b === undefined) return [`${role}: ${a ? 'not expected' : 'missing'}`];
    const [surplus, lacking] = [without(a, b), without(b, a)];
    if (surplus.length + lacking.length === 0) return [];
    if (surplus.length === 1 && lacking.length === 1) return memberDifferences(surplus[0], lacking[0], `${role}.`);
    return [
      `${role}: ${surplus.length} not expected, ${lacking.length} missing: ${canonical(surplus[0] ?? lacking[0])}`,
    ];
  });
}

/** What differs between two objects, member by member. */
export function memberDifferences(ours: Members = {}, theirs: Members = {}, prefix = ''): string[] {
  return [...new Set([...Object.keys(ours), ...Object.keys(theirs)])]
    .filter((name) => canonical(ours[name]) !== canonical(theirs[name]))
    .map((name) => `${prefix}${name}: ${canonical(ours[name])} where ${canonical(theirs[name])} is expected`);
}

/** What differs between two documents: their own members, then their contents. */
export function documentDifferences(ours: Members, theirs: Members): string[] {
  const { contents: a = {}, ...mine } = ours;
  const { contents: b = {}, ...yours } = theirs;
  return [...memberDifferences(mine, yours), ...contentsDifferences(a as InnerEntities, b as InnerEntities)];
}

/** What differs between two collections by name, that of each pair according to `compare`. */
export function collectionDifferences<A, B>(
  ours: ReadonlyMap<string, A>,
  theirs: ReadonlyMap<string, B>,
  compare: (ours: A, theirs: B, name: string) => readonly string[],
): string[] {
  const surplus = [...ours.keys()].filter((name) => !theirs.has(name)).map((name) => `${name}: not expected`);
  const others = [...theirs].flatMap(([name, theirOne]) => {
    const ourOne = ours.get(name);
    return ourOne === undefined
      ? [`${name}: missing`]
      : compare(ourOne, theirOne, name).map((text) => `${name}: ${text}`);
  });
  return [...others, ...surplus];
}

/** The first problems, one a line; empty when there is none. */
export function report(problems: readonly string[]): string {
  const shown = 20;
  const rest = problems.length > shown ? [`and ${problems.length - shown} more`] : [];
  return [...problems.slice(0, shown), ...rest].join('\n');
}

/** Members of `a` that `b` has not, equal ones counted. */
function without(a: readonly Members[], b: readonly Members[]): Members[] {
  const left = new Map<string, number>();
  for (const one of b) left.set(canonical(one), (left.get(canonical(one)) ?? 0) + 1);
  return a.filter((one) => {
    const text = canonical(one);
    const count = left.get(text) ?? 0;
    left.set(text, count - 1);
    return count <= 0;
  });
}
