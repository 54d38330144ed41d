import type { z } from 'zod';

/** A line of a scratch file that this process has written. */
export const parsedLine = <T>(line: string, schema: z.ZodType<T>): T => schema.parse(JSON.parse(line));
