import { AuthClient } from 'google-auth-library';

/** The value of an Authorization header of the account that asks. @throws LazuliError where there is none at present */
export type Authorization = (signal: AbortSignal) => Promise<string>;

const millis = 60_000;

/** An account for Google's clients, whose tokens are had elsewhere: they never see its key. */
export class Account extends AuthClient {
  readonly #authorization: Authorization;

  constructor(authorization: Authorization) {
    super();
    this.#authorization = authorization;
  }

  override async getRequestHeaders(): Promise<Headers> {
    return new Headers({ authorization: await this.#authorization(AbortSignal.timeout(millis)) });
  }

  override getAccessToken(): never {
    throw new TypeError('Tokens are in headers only');
  }

  override request(): never {
    throw new TypeError('It only authorizes');
  }
}
