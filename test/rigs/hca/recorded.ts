/**
 * What we answer, without what clients read that is younger than the recordings: `azul_url` of a file, which says the same as
 * its `url` (docs/differences.md). One that says anything else stays, and so differs.
 */
export function asRecorded(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asRecorded);
  if (value === null || typeof value !== 'object') return value;
  const { azul_url, ...members } = value as Readonly<Record<string, unknown>>;
  const isYounger = azul_url === undefined || ('url' in members && azul_url === members.url);
  const kept = isYounger ? members : value;
  return Object.fromEntries(Object.entries(kept).map(([name, member]) => [name, asRecorded(member)]));
}
