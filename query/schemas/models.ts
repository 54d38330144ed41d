import { z } from 'zod';

/** What fits one of several schemas. */
export function either(schemas: readonly z.ZodType[]): z.ZodType {
  const [first, ...others] = schemas;
  if (first === undefined) return z.never();
  return others.length === 0 ? first : z.union([first, ...others]);
}

/** As the names of schemas are written: `cell_lines` is `CellLines`. */
export const pascal = (name: string): string =>
  name.replace(/(?:^|[_-])(\w)/g, (_match, letter: string) => letter.toUpperCase());
