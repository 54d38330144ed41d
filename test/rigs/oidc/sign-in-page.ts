import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type Provider from 'oidc-provider';
import type { People } from './people.ts';

/** Where people are asked who they are, and whether a program may act for them. */
export const signInPath = /^\/interaction\/([^/?]+)$/;

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => entities[character] ?? character);

/** One button for each person, who so signs in and consents, and one that denies. */
const pageOf = (people: People): string =>
  [
    '<!doctype html><html lang="en"><title>Sign in</title><body><h1>Who are you?</h1><form method="post">',
    ...[...people.keys()].map(
      (subject) => `<button name="subject" value="${escaped(subject)}">${escaped(subject)}</button>`,
    ),
    '<button name="deny" value="yes">Deny</button></form></body>',
  ].join('\n');

/** Answers a request of `signInPath`. */
export async function signInPage(
  provider: Provider,
  people: People,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const details = await provider.interactionDetails(request, response);
  if (request.method !== 'POST') {
    response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(pageOf(people));
    return;
  }
  const subject = new URLSearchParams((await buffer(request)).toString()).get('subject');
  if (subject === null || !people.has(subject)) {
    await provider.interactionFinished(request, response, { error: 'access_denied' });
    return;
  }
  const grantId = await grantOf(provider, subject, details.params);
  await provider.interactionFinished(request, response, { login: { accountId: subject }, consent: { grantId } });
}

/** What a person consents to: all that a program has asked for. */
async function grantOf(
  provider: Provider,
  accountId: string,
  params: Readonly<Record<string, unknown>>,
): Promise<string> {
  const scope = String(params.scope ?? '');
  const grant = new provider.Grant({ accountId, clientId: String(params.client_id) });
  grant.addOIDCScope(scope);
  for (const resource of [params.resource].flat())
    if (typeof resource === 'string') grant.addResourceScope(resource, scope);
  return grant.save();
}
