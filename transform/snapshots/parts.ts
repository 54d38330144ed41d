/** Rows in a file at most: it is put as a whole, from memory. */
const mostRows = 100_000;

/** Conditions by which rows are split into files of few enough. */
export function partsOf(rows: number): readonly string[] {
  const parts = Math.ceil(rows / mostRows);
  return Array.from({ length: parts }, (_, part) => `hash(entity_id) % ${parts} = ${part}`);
}

/** SQL of the rows of one part. */
export const inPart = (select: string, part: string): string => `SELECT * FROM (${select}) WHERE ${part}`;
