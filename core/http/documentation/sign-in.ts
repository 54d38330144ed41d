import type { SignIn } from '../../config/sign-in.ts';
import type { OpenApiDocument } from './document.ts';

/** The name under which operations say that a caller may sign in (specification, service-api 1.5). */
const scheme = 'lazuli';

/** Finds out how people sign in; see the contract of authentication plug-ins. */
export type AskSignIn = () => Promise<SignIn>;

/** A document, and the same with one way more to authorize, wherever there is one. */
export class SecuredDocuments {
  readonly #plain: () => OpenApiDocument;
  #last: { readonly signIn: SignIn; readonly document: OpenApiDocument } | undefined;

  /** @param plain the very same document each time */
  constructor(plain: () => OpenApiDocument) {
    this.#plain = plain;
  }

  of(signIn: SignIn | null): OpenApiDocument {
    if (signIn === null || signIn.page === null) return this.#plain();
    if (this.#last?.signIn !== signIn) this.#last = { signIn, document: secured(this.#plain(), signIn) };
    return this.#last.document;
  }
}

/** The document, which says of all that depends on who calls that one may sign in for it. */
export function secured(document: OpenApiDocument, { page, scopes }: SignIn): OpenApiDocument {
  if (page === null) return document;
  const { authorizationUrl, tokenUrl } = page;
  const asked = Object.fromEntries(scopes.map((scope) => [scope, '']));
  const flow = { authorizationUrl, scopes: asked };
  const flows = tokenUrl === null ? { implicit: flow } : { authorizationCode: { ...flow, tokenUrl } };
  const { components = {}, paths = {} } = document;
  const securitySchemes = { ...components.securitySchemes, [scheme]: { type: 'oauth2' as const, flows } };
  return {
    ...document,
    components: { ...components, securitySchemes },
    paths: Object.fromEntries(Object.entries(paths).map(([path, item]) => [path, securedItem(item, scopes)])),
  };
}

type PathItem = NonNullable<OpenApiDocument['paths']>[string];

const methods = ['get', 'head', 'post', 'put', 'options'] as const;

function securedItem(item: PathItem, scopes: readonly string[]): PathItem {
  const changed: PathItem = { ...item };
  for (const method of methods) {
    const operation = item[method];
    if (operation?.security === undefined) continue;
    changed[method] = { ...operation, security: [...operation.security, { [scheme]: [...scopes] }] };
  }
  return changed;
}
