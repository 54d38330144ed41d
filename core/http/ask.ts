/** Less than a whole health check may take, so that the check reports this reason. */
const askMillis = 4_000;

/** @throws Error that says why, unless the answer is success */
export async function ask(url: string, method: string): Promise<Response> {
  const signal = AbortSignal.timeout(askMillis);
  const { href, headers } = authorized(url);
  const response = await fetch(href, { method, signal, headers }).catch((cause: unknown) => {
    throw new Error(`${href} does not answer`, { cause });
  });
  if (!response.ok) throw new Error(`${href} answered ${response.status}`);
  return response;
}

/** With a slash at the end, so that paths are resolved beneath it. */
export const withSlash = (url: string): string => (url.endsWith('/') ? url : `${url}/`);

/** A URL that `fetch` takes and that may be shown: credentials in it go to a header (RFC 7617). */
export function authorized(url: string): { readonly href: string; readonly headers: Readonly<Record<string, string>> } {
  const { username, password } = new URL(url);
  if (username === '' && password === '') return { href: url, headers: {} };
  const shown = new URL(url);
  shown.username = '';
  shown.password = '';
  const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`);
  return { href: shown.href, headers: { authorization: `Basic ${credentials.toString('base64')}` } };
}
