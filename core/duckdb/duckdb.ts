import { DuckDBInstance } from '@duckdb/node-api';
import accessors from '@duckdb/node-api/lib/vectors/dataAccessors.js';
import { exactDecoder } from '../config/text.ts';

// The client's own decoder takes U+FEFF at the beginning of a text for a byte order mark and drops it.
Object.assign(accessors, { textDecoder: exactDecoder });

/**
 * What no caller may change. Its cache of files takes one for another of the same name and size that was there a moment
 * before: it reads garbage, or what the former one had.
 */
const always = { enable_external_file_cache: 'false' } as const;

/** DuckDB, whose texts come out as they went in: the only way to open it. @param options as DuckDB names them */
export const openDuckDb = (options: Readonly<Record<string, string>>): Promise<DuckDBInstance> =>
  DuckDBInstance.create(':memory:', { ...options, ...always });
