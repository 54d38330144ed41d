import type { Account } from './account.ts';
import { type Answer, type Asked, json, type Route } from './routes.ts';

const invalidToken = { 'WWW-Authenticate': 'Bearer realm="", error="invalid_token"' };
const samError = (statusCode: number, message: string, headers = {}): Answer =>
  json(statusCode, { source: 'sam', message, statusCode, causes: [], stackTrace: [], exceptionClass: null }, headers);

/** Who is registered with SAM (specification, tdr 4.3). */
export const samRoutes: readonly Route[] = [
  ['GET', /^\/sam\/register\/user\/v1$/, ({ account }) => known(account, registration)],
  ['POST', /^\/sam\/register\/user\/v1$/, ({ account }) => known(account, register)],
  ['GET', /^\/sam\/status$/, () => json(200, { ok: true, systems: {} })],
];

function known(account: Asked['account'], answer: (account: Account) => Answer): Answer {
  if (account === null || account === 'unknown') return samError(401, 'invalid token', invalidToken);
  return answer(account);
}

function registration({ email, sub = email, registered = true }: Account): Answer {
  if (!registered) return samError(404, `user ${email} is not registered`);
  const enabled = { ldap: true, allUsersGroup: true, google: true };
  return json(200, { userInfo: { userSubjectId: sub, userEmail: email }, enabled });
}

function register(account: Account): Answer {
  if (account.isOtherSubject === true)
    return samError(500, `Cannot update googleSubjectId for user ${account.email} because it has already been set`);
  if (account.registered !== false) return samError(409, `user ${account.email} already exists`);
  account.registered = true;
  return json(201, registration(account).body);
}

/** What studies are about, by their ids in DUOS (specification, tdr 4.4). */
export type Studies = ReadonlyMap<string, string>;

export const duosRoutes = (studies: Studies): readonly Route[] => [
  [
    'GET',
    /^\/duos\/api\/dataset\/registration\/([^/]+)$/,
    ({ account, parts: [id = ''] }) => {
      if (account === null || account === 'unknown') return json(401, { code: 401, message: 'Unauthorized' });
      const studyDescription = studies.get(id);
      if (studyDescription === undefined) return json(404, { code: 404, message: `no dataset ${id}` });
      return json(200, { studyName: id, studyDescription, dataTypes: [], piName: 'Ann', publicVisibility: true });
    },
  ],
];

/** Patterns of URLs by prefixes of compact identifiers. */
export const registryRoutes = (patterns: ReadonlyMap<string, string>): readonly Route[] => [
  [
    'GET',
    /^\/restApi\/namespaces\/search\/findByPrefix$/,
    ({ query }) => {
      const at = [...patterns.keys()].indexOf(query.get('prefix') ?? '');
      if (at < 0) return json(404, {});
      return json(200, { _links: { self: { href: `https://registry.example/restApi/namespaces/${at}` } } });
    },
  ],
  [
    'GET',
    /^\/restApi\/resources\/search\/findAllByNamespaceId$/,
    ({ query }) =>
      json(200, { _embedded: { resources: [{ urlPattern: [...patterns.values()][Number(query.get('id'))] }] } }),
  ],
];
