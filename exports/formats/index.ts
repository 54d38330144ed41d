import { formatTypes } from '../../core/exports/formats.ts';
import type { FormatName } from '../../core/model/manifests.ts';
import { writeBdbag } from './bag/bag.ts';
import { writeCurl } from './curl/curl.ts';
import type { Format } from './format.ts';
import { writeTerraPfb } from './pfb/terra.ts';
import { writeVerbatimPfb } from './pfb/verbatim.ts';
import { writeCompact } from './table/compact.ts';
import { writeParquet } from './table/parquet.ts';
import { writeVerbatimJsonl } from './verbatim-jsonl.ts';

/** All formats by name. */
export const formats: Readonly<Record<FormatName, Format>> = {
  compact: { ...formatTypes.compact, write: writeCompact },
  curl: { ...formatTypes.curl, write: writeCurl },
  'terra.bdbag': { ...formatTypes['terra.bdbag'], write: writeBdbag },
  'terra.pfb': { ...formatTypes['terra.pfb'], write: (job) => writeTerraPfb(job) },
  'verbatim.jsonl': { ...formatTypes['verbatim.jsonl'], write: writeVerbatimJsonl },
  'verbatim.pfb': { ...formatTypes['verbatim.pfb'], write: writeVerbatimPfb },
  parquet: { ...formatTypes.parquet, write: writeParquet },
};
