/**
 * JSON text in one form: members by name, objects of a list in the order of their text, scalars as
 * they stand. Two values with equal texts differ in nothing that has a meaning.
 */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) {
    const parts = value.map(canonical);
    return `[${(value.every(isComposite) ? parts.sort() : parts).join()}]`;
  }
  if (!isComposite(value)) return JSON.stringify(value) ?? 'absent';
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join()}}`;
}

function isComposite(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !('rawJSON' in value);
}
