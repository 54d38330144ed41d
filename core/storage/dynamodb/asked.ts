import { LazuliError } from '../../config/errors.ts';

/** Where a table is. */
export interface TablePlace {
  readonly region: string;
  readonly endpoint?: string | undefined;
  readonly table: string;
}

/** What DynamoDB answers; its refusals and silences as an error of ours. @throws LazuliError `staging_unavailable` */
export async function asked<T>(table: string, request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (cause) {
    if (cause instanceof LazuliError) throw cause;
    const { name, message } = cause as Error;
    throw new LazuliError('staging_unavailable', `The table ${table}: ${name}: ${message}`, {
      remedy: 'Check that the table exists, that DynamoDB can be reached, and that this process may use the table.',
      cause,
    });
  }
}
