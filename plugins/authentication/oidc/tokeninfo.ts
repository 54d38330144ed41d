import { z } from 'zod';
import { type Accepted, type CheckToken, invalid, isTrue, subjectOf } from './accepted.ts';
import { askProvider, unavailable } from './asking.ts';
import type { GoogleOptions } from './options.ts';

type Google = GoogleOptions['google'];

/** All values are texts, or numbers and booleans (specification, tdr 4.2). */
const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const tokenInfo = z.object({
  azp: text,
  sub: text.optional(),
  exp: text.pipe(z.string().regex(/^\d{1,12}$/)),
  email: text.optional(),
  email_verified: text.optional(),
});
type TokenInfo = z.output<typeof tokenInfo>;

/** What it says of a token that is none, or none any more. */
const refusal = z.union([z.object({ error: z.string() }), z.object({ error_description: z.string() })]);

/** Checks access tokens of Google by asking what they are (specification, service-api 1.5, tdr 4.2). */
export function tokeninfoCheck({ google, subject }: GoogleOptions, now: () => number): CheckToken {
  return async (token): Promise<Accepted> => {
    // There is no other way to ask: this URL must not get into anything.
    const url = new URL(google.tokeninfo);
    url.searchParams.set('access_token', token);
    const { status, json } = await askProvider(url);
    if (status === 400 && refusal.safeParse(json).success) throw invalid('the provider says that it is not valid');
    const found = tokenInfo.safeParse(json);
    if (status !== 200 || !found.success) throw unavailable(url, `it answers ${status}, and not what a token is`);
    const expires = Number(found.data.exp) * 1000;
    if (now() >= expires) throw invalid('it has expired', 'Sign in again: the token has expired.');
    expectAccepted(found.data, google);
    return { subject: subjectOf(found.data, subject), groups: [], expires };
  };
}

/** Users by the OAuth client that they have signed in with, service accounts by their own Google project. */
function expectAccepted({ azp, email = '', email_verified }: TokenInfo, { clientId, project }: Google): void {
  if (azp.endsWith('.apps.googleusercontent.com')) {
    if (clientId === undefined || projectNumber(azp) !== projectNumber(clientId))
      throw invalid('it is of an OAuth client of another Google project');
    return;
  }
  const [, of] = /^[a-z0-9-]+@([a-z0-9-]+)\.iam\.gserviceaccount\.com$/.exec(email) ?? [];
  if (project === undefined || of !== project) throw invalid('it is of a service account of another Google project');
  if (!isTrue(email_verified)) throw invalid('the e-mail address is not verified');
}

/** The digits before the first hyphen. */
const projectNumber = (clientId: string): string | undefined => /^(\d+)-/.exec(clientId)?.[1];
