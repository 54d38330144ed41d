import { readFile, stat } from 'node:fs/promises';
import { gaxios, JWT } from 'google-auth-library';
import { z } from 'zod';
import { type Environment, secretOf } from '../../../../core/config/environment.ts';
import { LazuliError } from '../../../../core/config/errors.ts';
import { jsonOrNothing } from '../../../../core/config/text.ts';
import { orAborted } from '../../../../core/runtime/aborted.ts';

/** What a key file of Google has of interest. */
const keySchema = z.object({
  type: z.literal('service_account'),
  client_email: z.string().min(1).max(320),
  private_key: z.string().min(1),
});

const tokenMillis = 5_000;
/** For the person who reads it: nothing else of what Google answers. */
const codePattern = /^[a-z_]{1,64}$/;

/** What an account may do with its tokens (specification, tdr 4.1). */
export const scopes = {
  public: ['https://www.googleapis.com/auth/userinfo.email', 'openid'],
  indexer: [
    'https://www.googleapis.com/auth/userinfo.email',
    'openid',
    'https://www.googleapis.com/auth/devstorage.read_only',
    'https://www.googleapis.com/auth/bigquery.readonly',
  ],
} as const;

/** Containers that have secrets in variables have the text of a key in one of these; it takes the place of the file. */
const variables = { indexer: 'LAZULI_TDR_INDEXER_KEY', public: 'LAZULI_TDR_PUBLIC_KEY' } as const;

export interface AccountParts {
  readonly name: keyof typeof scopes;
  /** absolute path of the key, as Google gives it */
  readonly keyFile: string;
  /** where tokens are had */
  readonly tokens: string;
  /** default: that of the process */
  readonly environment?: Environment;
}

/** A service account of Google, by the key in a mounted file or a variable. A file that is replaced is read again. */
export class ServiceAccount {
  readonly #parts: AccountParts;
  /** `of` tells keys apart: the time of the file, or the text of the variable */
  #client: { readonly jwt: JWT; readonly email: string; readonly of: number | string } | null = null;

  constructor(parts: AccountParts) {
    this.#parts = parts;
  }

  get name(): AccountParts['name'] {
    return this.#parts.name;
  }

  async email(): Promise<string> {
    return (await this.#opened()).email;
  }

  /**
   * The value of an Authorization header, good for some minutes at least. Call this where the request is made.
   *
   * @throws LazuliError `repository_unavailable`
   */
  async authorization(signal: AbortSignal): Promise<string> {
    const { jwt } = await this.#opened();
    try {
      const value = (await orAborted(jwt.getRequestHeaders(), signal)).get('authorization');
      if (value !== null) return value;
    } catch (error) {
      signal.throwIfAborted();
      // The error itself holds what was sent.
      throw this.#unusable(`Google gives no token: ${reasonOf(error)}`);
    }
    throw this.#unusable('Google gives no token');
  }

  async #opened() {
    const { keyFile } = this.#parts;
    try {
      const given = secretOf(this.#parts.environment ?? process.env, variables[this.name]);
      const of = given ?? (await stat(keyFile)).mtimeMs;
      if (this.#client?.of !== of) this.#client = { ...this.#read(given ?? (await readFile(keyFile))), of };
      return this.#client;
    } catch (error) {
      if (error instanceof LazuliError) throw error;
      throw this.#unusable(`its key can't be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`);
    }
  }

  #read(key: Uint8Array | string): { readonly jwt: JWT; readonly email: string } {
    const { name, tokens } = this.#parts;
    const { data } = keySchema.safeParse(jsonOrNothing(key));
    if (data === undefined) throw this.#unusable('its file holds no key of a service account');
    const transporter = new gaxios.Gaxios({ timeout: tokenMillis, maxContentLength: 65_536 });
    transporter.interceptors.request.add({
      // The library knows one address only.
      resolved: async (request) => Object.assign(request, { url: new URL(tokens) }),
    });
    const { client_email: email, private_key: privateKey } = data;
    return { jwt: new JWT({ email, key: privateKey, scopes: [...scopes[name]], transporter }), email };
  }

  #unusable(why: string): LazuliError {
    const { name, keyFile } = this.#parts;
    return new LazuliError('repository_unavailable', `The ${name} account can't be used: ${why}`, {
      remedy: `Mount its key as ${keyFile}, as Google gives it; \`lazuli tdr check\` tries it.`,
    });
  }
}

function reasonOf(error: unknown): string {
  const { response, code } = error as {
    readonly response?: { readonly status?: number; readonly data?: { readonly error?: unknown } };
    readonly code?: unknown;
  };
  const told = response?.data?.error;
  if (typeof told === 'string' && codePattern.test(told)) return told;
  return typeof response?.status === 'number' ? `status ${response.status}` : String(code ?? 'no answer');
}
