/** How people sign in with an OpenID provider, for pages and programs. Everybody may know all of it. */
export interface SignIn {
  /** the provider */
  readonly issuer: string;
  /** what to ask for, such as `openid` and `email` */
  readonly scopes: readonly string[];
  /** what further a request for authorization has, such as `audience` */
  readonly parameters: Readonly<Record<string, string>>;
  /** in the API page; null: not there */
  readonly page: PageSignIn | null;
  /** id of the command line as a client without a secret; null: not there */
  readonly commandLine: string | null;
}

/** How the API page signs people in. */
export interface PageSignIn {
  /** of a client without a secret */
  readonly clientId: string;
  readonly authorizationUrl: string;
  /** for authorization code with PKCE; null: the legacy implicit flow, for providers that know nothing else */
  readonly tokenUrl: string | null;
}

/** Where the provider sends people back to, below the address of the service (specification, service-api 3). */
export const redirectPath = '/oauth2_redirect';
