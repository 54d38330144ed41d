/** Sequence numbers are decimal integers of up to 128 digits. @returns less than, equal to or more than 0 */
export function compareSequence(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : Number(a > b);
}
