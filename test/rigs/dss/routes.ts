import type { Accounts } from './accounts.ts';
import { type Answer, type Asked, answered } from './answers.ts';
import { apiDocument } from './api-document.ts';
import type { BundlePages } from './bundle-pages.ts';
import type { Bundles } from './bundles.ts';
import type { Files } from './files.ts';
import type { Search } from './search.ts';
import type { Subscriptions } from './subscriptions.ts';

export interface RouteParts {
  readonly accounts: Accounts;
  readonly files: Files;
  readonly bundles: Bundles;
  readonly pages: BundlePages;
  readonly search: Search;
  readonly subscriptions: Subscriptions;
}

export interface Route {
  readonly method: string;
  /** `/v1/files/{uuid}`; those that come first are tried first */
  readonly path: string;
  readonly answer: (asked: Asked) => Answer | Promise<Answer>;
}

/** What the store can be asked (specification, dss 2 and 4). */
export function routesOf({ accounts, files, bundles, pages, search, subscriptions }: RouteParts): readonly Route[] {
  const route = (method: string, path: string, answer: Route['answer']): Route => ({ method, path, answer });
  const routes: readonly Route[] = [
    route('HEAD', '/v1/files/{uuid}', (asked) => files.head(asked)),
    route('GET', '/v1/files/{uuid}', (asked) => files.get(asked)),
    route('PUT', '/v1/files/{uuid}', async (asked) => {
      await accounts.require(asked.authorization, ['hca']);
      return files.put(asked);
    }),
    route('GET', '/v1/bundles/all', (asked) => pages.list(asked)),
    route('GET', '/v1/bundles/checkout/{id}', (asked) => pages.checkoutState(asked)),
    route('POST', '/v1/bundles/{uuid}/checkout', (asked) => pages.checkOut(asked)),
    route('GET', '/v1/bundles/{uuid}', (asked) => pages.get(asked)),
    route('PUT', '/v1/bundles/{uuid}', async (asked) => {
      await accounts.require(asked.authorization);
      return bundles.put(asked);
    }),
    route('PATCH', '/v1/bundles/{uuid}', async (asked) => {
      await accounts.require(asked.authorization);
      return bundles.patch(asked);
    }),
    route('DELETE', '/v1/bundles/{uuid}', async (asked) =>
      bundles.delete(asked, await accounts.require(asked.authorization)),
    ),
    route('POST', '/v1/search', (asked) => search.answer(asked)),
    route('PUT', '/v1/subscriptions', (asked) => subscriptions.put(asked)),
    route('GET', '/v1/subscriptions', (asked) => subscriptions.list(asked)),
    route('GET', '/v1/subscriptions/{uuid}', (asked) => subscriptions.get(asked)),
    route('DELETE', '/v1/subscriptions/{uuid}', (asked) => subscriptions.delete(asked)),
    route('GET', '/version', () => answered(200, { version_info: { version: '0.0.0' } })),
    route('GET', '/internal/health', () => answered(200, { Healthy: true })),
    route('GET', '/v1/swagger.json', ({ url }): Answer => answered(200, apiDocument(routes, url.origin))),
  ];
  return routes;
}
