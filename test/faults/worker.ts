/**
 * A worker as a process of its own, to be killed: `worker.ts <ingest|transform|builder|export> <settings file>`. It
 * tells its parent where it listens, or why it failed; a message from the parent arms a fault point,
 * as does the variable LAZULI_TEST_FAULT, or breaks the statements of a catalog.
 */
import { writeFileSync } from 'node:fs';
import { LazuliError } from '../../core/config/errors.ts';
import { readSettings } from '../../core/config/settings.ts';
import { noLogger } from '../../core/runtime/logger.ts';
import { startExport } from '../../exports/worker.ts';
import type { KclDriver } from '../../ingest/reading/together.ts';
import { startIngest } from '../../ingest/worker.ts';
import { startBuilder } from '../../transform/builder-worker.ts';
import { startTransform } from '../../transform/worker.ts';
import { quickPace } from '../rigs/exports/scene.ts';
import {
  builderPace,
  type Death,
  lookMillis,
  patience,
  quick,
  type Report,
  reconcileMillis,
  retiredMillis,
} from '../rigs/faults/deaths.ts';
import { type BrokenStatements, breakableStatements } from './broken-statements.ts';

const [role = '', file = ''] = process.argv.slice(2);
const settings = readSettings(file);
let death: Death | null = JSON.parse(process.env.LAZULI_TEST_FAULT ?? 'null') as Death | null;
let hits = 0;

const breakStatements = breakableStatements();

process.on('message', (message: Death | { readonly broken: BrokenStatements | null }) => {
  if ('broken' in message) {
    breakStatements(message.broken);
    return tell({ broken: message.broken?.catalog ?? null });
  }
  death = message;
  hits = 0;
  tell({ armed: message.point });
});
// Nobody is there any more to end it.
process.on('disconnect', () => process.exit(1));

const kcl = (JSON.parse(process.env.LAZULI_TEST_KCL ?? 'null') as KclDriver | null) ?? undefined;
const options = { logger: noLogger, fault: reached, consumer: quick };
const starting = {
  ingest: () => startIngest(settings, { ...options, lookMillis, kcl }),
  transform: () => startTransform(settings, { ...options, reconcileMillis, retiredMillis, patience }),
  builder: () => startBuilder(settings, { ...options, pace: builderPace }),
  export: () => startExport(settings, { ...options, pace: quickPace }),
};
const worker = await starting[role as keyof typeof starting]();
if ('done' in worker) worker.done.catch((error: unknown) => tell({ failed: codeOf(error) }));
process.on('SIGTERM', () => void worker.stop().then(() => process.exit(0)));
tell({ url: worker.url });

/** Dies without a word to anyone but the marker, as a process does that the machine kills. */
function reached(point: string): void {
  if (death?.point !== point || ++hits < death.hit) return;
  writeFileSync(death.marker, point);
  process.kill(process.pid, 'SIGKILL');
  // The signal may be delivered a moment later: nothing must happen in between.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

function tell(report: Report): void {
  process.send?.(report);
}

function codeOf(error: unknown): string {
  return error instanceof LazuliError ? error.code : String(error);
}
