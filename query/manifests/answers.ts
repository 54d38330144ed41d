import { z } from 'zod';
import type { Progress, Result } from '../../core/exports/attempts.ts';
import { type CommandLines, shownCommands } from '../../core/exports/command-lines.ts';
import type { Context } from '../../core/http/state.ts';

/** Plain answers redirect; those of `fetch` say in their body where to, for scripts of browsers (specification, service-api 10.1). */
export type Variant = 'plain' | 'fetch';

/** The path of requests for exports; what waits for one has its token after a slash. */
export const pathOf = (variant: Variant): string => `${variant === 'fetch' ? '/fetch' : ''}/manifest/files`;

/** How far a job is, for who waits. */
const progressSchema = z
  .object({
    percent: z.int().min(0).max(100),
    rows: z.int().min(0).meta({ description: 'Documents that are written.' }),
    bytes: z.int().min(0).meta({ description: 'Of the file, so far.' }),
  })
  .meta({ id: 'ManifestProgress' });

/** Body of what is answered to scripts. */
export const fetchAnswer = z
  .object({
    Status: z.union([z.literal(301), z.literal(302)]).meta({
      description: '301: ask again at the location, after a while. 302: the manifest is there.',
    }),
    Location: z.string(),
    'Retry-After': z.int().optional().meta({ description: 'Seconds to wait.' }),
    Progress: progressSchema.optional(),
    CommandLine: z
      .object({ 'cmd.exe': z.string(), bash: z.string() })
      .optional()
      .meta({ description: 'Commands that download it.' }),
  })
  .meta({ id: 'ManifestRedirect' });

/** Header with the progress of a job, a dictionary (RFC 9651), which old clients ignore. */
export const progressHeader = 'Job-Progress';

/** The job goes on. @param location where to ask after so many seconds */
export function answerLater(
  ctx: Context,
  variant: Variant,
  { location, seconds, progress }: { readonly location: string; readonly seconds: number; readonly progress: Progress },
): void {
  const told = shownProgress(progress);
  setProgress(ctx, told);
  if (variant === 'fetch') {
    ctx.body = { Status: 301, Location: location, 'Retry-After': seconds, Progress: told };
    return;
  }
  ctx.status = 301;
  ctx.set({ Location: location, 'Retry-After': String(seconds), 'Content-Type': 'application/json' });
  ctx.body = 'null';
}

/** Where a file is that is there. */
export interface Ready {
  readonly location: string;
  readonly commands: CommandLines;
  readonly result: Result;
}

/** The file is there: so many records, so many bytes. */
export function answerReady(ctx: Context, variant: Variant, { location, commands, result }: Ready): void {
  setProgress(ctx, { percent: 100, rows: result.rows, bytes: result.bytes });
  if (variant === 'fetch') {
    ctx.body = { Status: 302, Location: location, CommandLine: commands };
    return;
  }
  ctx.status = 302;
  ctx.set({ Location: location, 'Content-Type': 'text/plain; charset=utf-8' });
  ctx.body = shownCommands(commands);
}

function setProgress(ctx: Context, { percent, rows, bytes }: z.output<typeof progressSchema>): void {
  ctx.set(progressHeader, `percent=${percent}, rows=${rows}, bytes=${bytes}`);
}

/** What that header says. @returns null where it says nothing that is understood */
export function shownIn(header: string | null): z.output<typeof progressSchema> | null {
  const [, percent, rows, bytes] = /^percent=(\d{1,3}), rows=(\d{1,15}), bytes=(\d{1,15})$/.exec(header ?? '') ?? [];
  return bytes === undefined ? null : { percent: Number(percent), rows: Number(rows), bytes: Number(bytes) };
}

/** All is written before the file is put where callers can have it: that is the last percent. */
function shownProgress({ rows, total, bytes }: Progress): z.output<typeof progressSchema> {
  const part = total === null || total === 0 ? 0 : Math.min(1, rows / total);
  return { percent: Math.floor(part * 99), rows, bytes };
}
