import { z } from 'zod';
import { Failure } from './failure.ts';

const count = z
  .string()
  .regex(/^\d{1,18}$/)
  .transform(Number);

const fieldSchema = z.object({
  name: z.string().min(1).max(300),
  type: z.string(),
  mode: z.enum(['NULLABLE', 'REQUIRED', 'REPEATED']).default('NULLABLE'),
});
const fieldsSchema = z.object({ fields: z.array(fieldSchema).min(1).max(10_000) });

/** A column of rows that BigQuery gives. */
export type Field = z.output<typeof fieldSchema>;

/** A job that is to run a query, begun or only tried (specification, tdr 3.2). */
export const jobSchema = z.object({
  status: z.object({
    state: z.string(),
    errorResult: z.object({ reason: z.string().optional(), message: z.string().optional() }).optional(),
  }),
  statistics: z
    .object({
      totalBytesProcessed: count.optional(),
      query: z.object({ totalBytesProcessed: count.optional(), schema: fieldsSchema.optional() }).optional(),
    })
    .optional(),
});

/** Rows of a query, or that there are none yet. */
export const resultsSchema = z.object({
  jobComplete: z.boolean(),
  totalRows: count.optional(),
  pageToken: z.string().min(1).max(10_000).optional(),
  schema: fieldsSchema.optional(),
  rows: z.array(z.object({ f: z.array(z.unknown()) })).optional(),
  errors: z.array(z.unknown()).optional(),
});

/** A value as BigQuery sends it: text, whatever its type; a list where the column is repeated. */
export type WireValue = string | null | readonly string[];
export type WireRow = readonly WireValue[];

/** @throws Failure where the answer is none */
export function parsed<T>(schema: z.ZodType<T>, answer: unknown): T {
  const result = schema.safeParse(answer);
  if (result.success) return result.data;
  throw new Failure(`the answer is none of BigQuery's: ${z.prettifyError(result.error).slice(0, 300)}`, null);
}

/** @throws Failure where a value is missing, or of another kind than its column */
export function rowOf({ f: cells }: { readonly f: readonly unknown[] }, fields: readonly Field[]): WireRow {
  if (cells.length !== fields.length) throw malformed(`${cells.length} values`, `${fields.length} columns`);
  return fields.map(({ name, mode }, i) => {
    const value = valueIn(cells[i]);
    if (mode !== 'REPEATED') {
      if (value === null || typeof value === 'string') return value;
      throw malformed('something else than a text', name);
    }
    if (value === null) return [];
    if (!Array.isArray(value)) throw malformed('no list', name);
    return value.map((cell) => {
      const one = valueIn(cell);
      if (typeof one === 'string') return one;
      throw malformed('something else than a text', name);
    });
  });
}

function valueIn(cell: unknown): unknown {
  if (typeof cell === 'object' && cell !== null && 'v' in cell) return cell.v;
  throw malformed('no value', 'one');
}

const malformed = (what: string, where: string): Failure => new Failure(`a row has ${what} for ${where}`, null);
