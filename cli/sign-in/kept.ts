import { createHash } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { z } from 'zod';
import type { Environment } from '../../core/config/environment.ts';
import { LazuliError } from '../../core/config/errors.ts';
import { parsedJson } from '../../core/config/text.ts';
import { ownersFolder } from '../owner-only.ts';

const keptSchema = z.strictObject({
  /** to which one is signed in, without a slash at the end */
  service: z.string(),
  issuer: z.string(),
  clientId: z.string(),
  /** null: the person has to sign in again */
  refresh: z.string().nullable(),
  /** milliseconds since the epoch, when the access token ends; null: nobody knows */
  expires: z.number().nullable(),
});

/** What is kept of signing in to a deployment, beside the access token. */
export type Kept = z.output<typeof keptSchema>;

/** Where sign-ins are kept: below the user's configuration folder, as other programs have it. */
export function signInsFolder(environment: Environment = process.env): string {
  const { XDG_CONFIG_HOME: configured } = environment;
  const base = configured !== undefined && isAbsolute(configured) ? configured : join(homedir(), '.config');
  return join(base, 'lazuli', 'sign-ins');
}

/** The sign-in of one deployment: a folder and two files that only their owner may read. */
export class KeptSignIn {
  readonly folder: string;
  readonly service: string;

  /** @param service without a slash at the end */
  constructor(service: string, parent: string = signInsFolder()) {
    this.service = service;
    this.folder = join(parent, createHash('sha256').update(service).digest('hex').slice(0, 32));
  }

  /** has the access token alone, so that scripts can use it */
  get tokenFile(): string {
    return join(this.folder, 'token');
  }

  /** @returns null where nobody is signed in. @throws LazuliError `configuration_invalid` where files are damaged */
  read(): { readonly kept: Kept; readonly token: string } | null {
    const bytes = contentOf(this.#file);
    if (bytes === null) return null;
    const token = contentOf(this.tokenFile)?.toString('latin1').trim();
    try {
      const kept = keptSchema.parse(parsedJson(bytes));
      if (token !== undefined && token !== '' && kept.service === this.service) return { kept, token };
    } catch {
      // What the parser says may quote the file.
    }
    throw new LazuliError('configuration_invalid', `The sign-in in ${this.folder} is damaged.`, {
      remedy: 'Sign in again with `lazuli login`, or delete that folder.',
    });
  }

  write(kept: Kept, token: string): void {
    ownersFolder(this.folder);
    placed(this.tokenFile, `${token}\n`);
    placed(this.#file, `${JSON.stringify(kept)}\n`);
  }

  /** Forgets it. */
  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  get #file(): string {
    return join(this.folder, 'sign-in.json');
  }
}

function contentOf(file: string): Buffer | null {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Whole, and for its owner alone from its first byte on. */
function placed(file: string, text: string): void {
  const next = `${file}.${process.pid}`;
  rmSync(next, { force: true });
  writeFileSync(next, text, { mode: 0o600, flag: 'wx' });
  renameSync(next, file);
}
