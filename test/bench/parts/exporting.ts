import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseSettings, type SettingsInput } from '../../../core/config/settings.ts';
import { openStaging } from '../../../core/deployment/stores.ts';
import { everything } from '../../../core/documents/filter.ts';
import { formatTypes } from '../../../core/exports/formats.ts';
import { manifestKey } from '../../../core/exports/request.ts';
import type { FormatName } from '../../../core/model/manifests.ts';
import { systemClock } from '../../../core/runtime/clock.ts';
import { noLogger } from '../../../core/runtime/logger.ts';
import { noFaults } from '../../../core/runtime/ports.ts';
import { keepHeapSmall } from '../../../exports/heap.ts';
import { giveWay } from '../../../exports/priority.ts';
import { selecting } from '../../../exports/selecting.ts';
import { startExport } from '../../../exports/worker.ts';
import { answer } from '../machine/part.ts';
import { catalog } from '../staging.ts';

/** What an export worker does: one export as a job has it made, or a whole worker. */
export type ExportingPart = {
  /** All files of the newest snapshot. */
  readonly write: (argument: {
    settings: SettingsInput;
    sources: readonly string[];
    format: FormatName;
    file: string;
    temporary: string;
  }) => Promise<WrittenExport>;
  /** Starts a worker that goes on until its process ends. */
  readonly start: (argument: { settings: SettingsInput }) => Promise<null>;
};

export interface WrittenExport {
  readonly rows: number;
  readonly bytes: number;
  /** the most that lay in the temporary folder at a look */
  readonly temporaryBytes: number;
}

/** Between looks at the temporary folder. */
const lookMillis = 200;

const methods: ExportingPart = {
  async write({ settings: input, sources, format, file, temporary }) {
    const settings = parseSettings(input, 'the settings of a benchmark');
    const objects = await openStaging(settings);
    const reading = () => ({ objects, [Symbol.asyncDispose]: async () => {} });
    const make = selecting({ settings, reading, worker: 'bench', clock: systemClock, fault: noFaults });
    const request = {
      ...{ catalog, entityType: 'files', format, version: formatTypes[format].version, filter: everything },
      ...{ filters: '{}', sources: [...sources], snapshot: 1, baseUrl: 'http://service.example' },
    };
    const { hash } = manifestKey(request);
    mkdirSync(temporary, { recursive: true });
    const looks = look(temporary);
    const { signal } = new AbortController();
    try {
      const { rows } = await make({ hash, request, file, temporary, signal, onProgress: () => {} });
      return { rows, bytes: statSync(file).size, temporaryBytes: looks() };
    } finally {
      looks();
    }
  },
  async start({ settings }) {
    giveWay();
    await startExport(parseSettings(settings, 'the settings of a benchmark'), { logger: noLogger });
    return null;
  },
};

/** Looks until it is asked. @returns how much there was at most */
function look(folder: string): () => number {
  let most = 0;
  const timer = setInterval(() => {
    most = Math.max(most, sizeOf(folder));
  }, lookMillis);
  return () => {
    clearInterval(timer);
    return most;
  };
}

function sizeOf(folder: string): number {
  let sum = 0;
  // It goes when the export has ended, files come and go before.
  for (const name of existsSync(folder) ? readdirSync(folder, { recursive: true }) : [])
    sum += statSync(join(folder, String(name)), { throwIfNoEntry: false })?.size ?? 0;
  return sum;
}

export const run = (): void => {
  keepHeapSmall();
  answer(methods);
};
