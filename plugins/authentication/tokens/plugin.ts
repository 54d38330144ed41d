import { readFile, stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { isWritableByAll } from '../../../core/config/environment.ts';
import { LazuliError } from '../../../core/config/errors.ts';
import { shownIssues } from '../../../core/config/issues.ts';
import { type AuthenticationPlugin, bearerToken } from '../../../core/model/authentication.ts';
import { invalid, type KnownToken, maxFileBytes, parseTokenFile, subjectOf } from './token-file.ts';

/** Milliseconds since the epoch: what has expired lets nobody in. */
const now: () => number = Date.now;

const optionsSchema = z.strictObject({ file: z.string().refine(isAbsolute, 'must be an absolute path') });

/**
 * Tokens from a file, which has their hashes only (see `token-file.ts`) and is read again whenever it has
 * changed. A caller without a token is anonymous.
 */
export const tokens: AuthenticationPlugin = {
  name: 'tokens',
  async open(options) {
    const result = optionsSchema.safeParse(options);
    if (!result.success) {
      throw new LazuliError('configuration_invalid', `authentication: ${shownIssues(result.error)}`, {
        remedy: 'Give it {"name": "tokens", "file": "<absolute path of the token file>"}.',
      });
    }
    const file = new TokenFile(result.data.file);
    await file.read();
    return {
      async identify(authorization) {
        if (authorization === undefined) return { subject: null };
        const token = bearerToken(authorization);
        const subject = subjectOf(await file.read().catch(unavailable), token, now());
        if (subject !== null) return { subject };
        throw new LazuliError('unauthorized', 'Invalid credentials.', {
          remedy: 'Send a token that this service knows, or leave out the Authorization header.',
        });
      },
    };
  },
};

/** A file with mistakes stops only callers with tokens, until it is corrected. */
function unavailable(cause: unknown): never {
  throw new LazuliError('unavailable', 'Tokens can not be checked at the moment.', {
    remedy: 'Try again in a few seconds, or call anonymously.',
    cause,
  });
}

class TokenFile {
  readonly #path: string;
  #last: { readonly stamp: string; readonly tokens: Promise<readonly KnownToken[]> } | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** @throws LazuliError `configuration_invalid` also where the file can't be read */
  async read(): Promise<readonly KnownToken[]> {
    const stamp = await this.#stamp();
    if (this.#last?.stamp !== stamp) this.#last = { stamp, tokens: this.#parse() };
    const { tokens } = this.#last;
    try {
      return await tokens;
    } catch (error) {
      // A file caught half-way through being written is not remembered.
      if (this.#last?.tokens === tokens) this.#last = undefined;
      throw error;
    }
  }

  async #stamp(): Promise<string> {
    const { mtimeNs, size, ino, mode } = await stat(this.#path, { bigint: true }).catch((cause) =>
      this.#unreadable(cause),
    );
    if (size > maxFileBytes) throw invalid(`${this.#path} has ${size} bytes; ${maxFileBytes} is the most`);
    if (isWritableByAll(Number(mode))) throw invalid(`everybody may write ${this.#path}: chmod o-w`);
    return `${mtimeNs} ${size} ${ino} ${mode}`;
  }

  async #parse(): Promise<readonly KnownToken[]> {
    const bytes = await readFile(this.#path).catch((cause) => this.#unreadable(cause));
    return parseTokenFile(bytes, this.#path);
  }

  #unreadable(cause: unknown): never {
    throw new LazuliError('configuration_invalid', `${this.#path} can't be read: ${(cause as Error).message}`, {
      remedy: 'Name a file that this process may read.',
      cause,
    });
  }
}

export { tokens as plugin };
