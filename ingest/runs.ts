import { z } from 'zod';
import { LazuliError } from '../core/config/errors.ts';
import { ownerUrls } from '../core/config/peers.ts';
import type { Settings } from '../core/config/settings.ts';
import { authorized } from '../core/http/ask.ts';
import { errorBody } from '../core/http/errors.ts';
import { repeating } from '../core/http/repeated.ts';
import { type Run, type RunOptions, runSchema } from '../core/runs/run.ts';

type RunChange = 'cancel' | 'resume';

/** Of resuming a run. */
export interface ResumeOptions {
  /** whether its generation may lack documents that are served now */
  readonly acceptVanished?: boolean | undefined;
}

/** Builds of generations, as the owners of catalogs know them. All throw LazuliError `not_found`, `unavailable`. */
export interface RunsControl {
  /** the latest first */
  list(catalog: string): Promise<readonly Run[]>;
  /** @throws LazuliError `conflict` where one is running */
  start(catalog: string, options: RunOptions): Promise<Run>;
  /** @throws LazuliError `conflict` where its state doesn't allow that */
  change(catalog: string, id: string, change: RunChange, options?: ResumeOptions): Promise<void>;
}

/** An owner begins something new between two steps, which take seconds at most where nothing is wrong. */
const askMillis = 15_000;

/** Asks the transform workers of the deployment. */
export function runsControl(settings: Pick<Settings, 'http' | 'catalogs'>): RunsControl {
  const owners = ownerUrls(settings);
  const ownerOf = (catalog: string): string => {
    const owner = owners.get(catalog);
    if (owner !== undefined) return owner;
    throw new LazuliError('not_found', `There is no catalog '${catalog.slice(0, 80)}'.`, {
      remedy: `Choose one of: ${[...owners.keys()].join(', ')}.`,
    });
  };
  return {
    list: (catalog) =>
      told(async () => z.array(runSchema).parse(await answer(`${ownerOf(catalog)}/runs/${catalog}`, undefined))),
    start: (catalog, options) =>
      told(async () => runSchema.parse(await answer(`${ownerOf(catalog)}/runs/start`, { catalog, ...options }))),
    change: (catalog, id, change, options = {}) =>
      told(async () => {
        const which = { catalog, id };
        repeating(which).parse(await answer(`${ownerOf(catalog)}/runs/${change}`, { ...which, ...options }));
      }),
  };
}

/** Callers learn that they may try again, whatever is wrong with the worker. */
async function told<T>(asking: () => Promise<T>): Promise<T> {
  try {
    return await asking();
  } catch (cause) {
    if (cause instanceof LazuliError) throw cause;
    throw new LazuliError('unavailable', 'The transform worker of this catalog does not answer.', {
      remedy: 'Try again in a few seconds; what was asked for may have begun meanwhile.',
      cause,
    });
  }
}

/** @throws SyntaxError where it isn't JSON */
async function answer(url: string, body: object | undefined): Promise<unknown> {
  const response = await send(url, body);
  if (!response.ok) throw refused(response.status, await response.text());
  return response.json();
}

function send(url: string, body: object | undefined): Promise<Response> {
  const { href, headers } = authorized(url);
  const signal = AbortSignal.timeout(askMillis);
  if (body === undefined) return fetch(href, { headers, signal });
  const type = { ...headers, 'Content-Type': 'application/json' };
  return fetch(href, { method: 'POST', headers: type, signal, body: JSON.stringify(body) });
}

const refusals = { 400: 'bad_request', 404: 'not_found', 409: 'conflict' } as const;

/** Refusals of the worker go to the caller; anything else is a fault of ours. */
function refused(status: number, text: string): Error {
  const code = Object.entries(refusals).find(([key]) => key === String(status))?.[1];
  if (code === undefined) return new Error(`The transform worker answered ${status}: ${text.slice(0, 500)}`);
  return new LazuliError(code, errorBody.parse(JSON.parse(text)).Message);
}
