import { createHash, randomBytes } from 'node:crypto';
import { clients } from './clients.ts';

/** What the token endpoint of a provider answers. */
export interface Tokens {
  readonly access_token: string;
  readonly token_type: string;
  readonly expires_in: number;
  readonly scope?: string;
  readonly id_token?: string;
  readonly refresh_token?: string;
}

interface Page {
  readonly url: string;
  readonly status: number;
  readonly text: string;
}

/** A person before a browser without scripts: keeps cookies, follows redirects, and clicks. */
export class Visitor {
  readonly #cookies = new Map<string, string>();
  readonly #issuer: string;
  readonly #subject: string;

  constructor(issuer: string, subject: string) {
    this.#issuer = issuer;
    this.#subject = subject;
  }

  /** Signs in for a program with authorization code and PKCE. @param further parameters of the request, such as `resource` */
  async signIn(
    redirect: string,
    clientId: string = clients.page,
    further: Readonly<Record<string, string>> = {},
  ): Promise<Tokens> {
    const verifier = randomBytes(32).toString('base64url');
    const state = randomBytes(8).toString('base64url');
    const asked = new URLSearchParams({
      client_id: clientId,
      redirect_uri: redirect,
      response_type: 'code',
      scope: 'openid read',
      state,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...further,
    });
    const back = new URL(await this.#answered(`${this.#issuer}/auth?${asked}`, redirect));
    const code = back.searchParams.get('code');
    if (code === null || back.searchParams.get('state') !== state) throw new Error(`No code: ${back.search}`);
    const grant = {
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirect,
      client_id: clientId,
      code_verifier: verifier,
    };
    const answer = await fetch(`${this.#issuer}/token`, { method: 'POST', body: new URLSearchParams(grant) });
    if (!answer.ok) throw new Error(`No token: ${await answer.text()}`);
    return (await answer.json()) as Tokens;
  }

  /** Lets a device act for this person, or not. @param uri `verification_uri_complete` */
  async approve(uri: string, denies = false): Promise<void> {
    const first = await this.#open(uri);
    const confirm = await this.#submit(first, {});
    const asked = await this.#submit(confirm, {});
    await this.#submit(asked, denies ? { deny: 'yes' } : { subject: this.#subject });
  }

  /** Opens a page, says who it is where that is asked, until the browser is sent back to the program. @returns where to */
  async #answered(url: string, redirect: string): Promise<string> {
    const page = await this.#open(url, redirect);
    if (page.status === 0) return page.url;
    const last = await this.#submit(page, { subject: this.#subject }, redirect);
    if (last.status === 0) return last.url;
    throw new Error(`The provider answered ${last.status}: ${last.text}`);
  }

  /** Sends the form of a page, with its hidden fields. */
  #submit({ url, text }: Page, fields: Readonly<Record<string, string>>, redirect?: string): Promise<Page> {
    const action = /<form[^>]* action="([^"]*)"/.exec(text)?.[1] ?? url;
    const hidden = [...text.matchAll(/<input[^>]* name="([^"]*)" value="([^"]*)"/g)].map(
      ([, name = '', value = '']) => [name, value],
    );
    const body = new URLSearchParams({ ...Object.fromEntries(hidden), ...fields });
    return this.#open(new URL(action, url).href, redirect, body);
  }

  /** @returns status 0 where a redirect leads back to the program */
  async #open(url: string, redirect?: string, body?: URLSearchParams): Promise<Page> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const sent = body === undefined ? {} : { method: 'POST', body };
    const answer = await fetch(url, { ...sent, headers: { cookie }, redirect: 'manual' });
    for (const set of answer.headers.getSetCookie()) this.#keep(set);
    const text = await answer.text();
    const location = answer.headers.get('location');
    if (location === null) return { url, status: answer.status, text };
    const next = new URL(location, url).href;
    return redirect !== undefined && next.startsWith(redirect)
      ? { url: next, status: 0, text: '' }
      : this.#open(next, redirect);
  }

  #keep(set: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
    if (value === '' || /expires=Thu, 01 Jan 1970/i.test(set)) this.#cookies.delete(name);
    else this.#cookies.set(name, value);
  }
}
