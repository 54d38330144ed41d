import { askJson } from '../http/ask-json.ts';
import { longWorkMillis } from '../http/long-work.ts';
import { repeating } from '../http/repeated.ts';
import type { Client, Declaration, Declarations } from './declaration.ts';

/** Who is asked. */
export interface Asked {
  /** for messages */
  readonly name: string;
  /** without a slash at the end */
  readonly url: string;
  /** for a whole answer; default: as long as what is asked takes */
  readonly millis?: number | undefined;
}

type Given = Readonly<Record<string, unknown>>;

/** Asks a worker for what is declared, and believes only answers that are as declared and about what was asked. */
export function clientOf<D extends Declarations>(declarations: D, asked: Asked): Client<D> {
  const methods = Object.entries(declarations).map(([name, declared]) => {
    const method = (given: Given = {}) => ask(declared, given, asked);
    return [name, method] as const;
  });
  return Object.fromEntries(methods) as unknown as Client<D>;
}

async function ask(declared: Declaration, given: Given, { name, url, millis }: Asked): Promise<unknown> {
  const { method, path, answer, long, isOrder } = declared;
  const body = method === 'get' ? undefined : given;
  const patience = millis ?? (long ? longWorkMillis : undefined);
  const told = await askJson(name, url + filled(path, given), repeating(answer, given), body, patience);
  return isOrder ? undefined : told;
}

const filled = (path: string, given: Given): string =>
  path.replace(/\{(\w+)\}/g, (_braces, name: string) => encodeURIComponent(String(given[name])));
