import { isIP } from 'node:net';

/** Headers of a request, by their names in lower case. */
type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * Why a request may not be one of operators or of processes of ours; null where it may be. A browser sends whatever
 * a page wants to wherever this machine can reach, but it says for whom. A page whose own name was made to point here
 * (DNS rebinding) gives itself away by that name. An address can't be redirected, so load balancers and scrapers may use
 * addresses.
 *
 * @param names by which the server is asked, in lower case, beside `localhost` and addresses
 */
export function foreignness(headers: Headers, names: ReadonlySet<string>): string | null {
  const { host, origin, 'sec-fetch-site': site } = headers;
  if (host !== undefined && !isOurs(String(host), names)) return `the host ${quoted(host)}, which is none of ours`;
  if (origin !== undefined && !isSame(String(origin), String(host))) return `a page of ${quoted(origin)}`;
  if (site !== undefined && site !== 'none' && site !== 'same-origin') return 'a page of another site';
  return null;
}

const hostForm = /^(?:\[([\da-f:.]+)\]|([^:[\]@/?#\s]+))(?::\d*)?$/i;

function isOurs(host: string, names: ReadonlySet<string>): boolean {
  const [, v6, name = ''] = hostForm.exec(host) ?? [];
  if (v6 !== undefined) return isIP(v6) === 6;
  const lower = name.toLowerCase();
  return isIP(lower) === 4 || lower === 'localhost' || names.has(lower);
}

const isSame = (origin: string, host: string): boolean =>
  [`http://${host}`, `https://${host}`].includes(origin.toLowerCase());

const quoted = (value: unknown): string => JSON.stringify(String(value).slice(0, 80));
