import type { Progress } from '../core/exports/attempts.ts';
import type { ExportRequest } from '../core/exports/request.ts';

/** What is to be made. */
export interface Making {
  readonly hash: string;
  readonly request: ExportRequest;
  /** path of the file to write */
  readonly file: string;
  /** a folder for what doesn't fit into memory; it exists, and goes with the job */
  readonly temporary: string;
  /** nobody wants it any more */
  readonly signal: AbortSignal;
  onProgress(progress: Pick<Progress, 'rows' | 'total'>): void;
}

/** What was made. */
export interface Made {
  /** records in the file */
  readonly rows: number;
  /** what a download is called; null for a name that says nothing of the contents */
  readonly name: string | null;
}

/** Writes the file of an export. */
export type Make = (making: Making) => Promise<Made>;
