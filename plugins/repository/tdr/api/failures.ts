import { type ErrorCode, LazuliError } from '../../../../core/config/errors.ts';

/** Who waits for an answer: a caller of the service, who doesn't wait long, or what works in the background. */
export type Waiting = 'caller' | 'background';

/** A service that refuses, or answers otherwise than it should. `answered` is its status; null where it gave no answer. */
export class Refused extends LazuliError {
  readonly answered: number | null;

  constructor(code: ErrorCode, message: string, remedy: string, answered: number | null) {
    super(code, message, { remedy });
    this.answered = answered;
  }

  /** Whether it doesn't know the account, or doesn't let it. */
  get isDenied(): boolean {
    return this.answered === 401 || this.answered === 403;
  }
}

/**
 * In the background everything is the repository's fault: ingest waits. Callers learn whether they may not, should come
 * later, or can do nothing about it (specification, repository-plugins 4.2 and 8).
 *
 * @param said what the service says itself
 */
export function refusalOf(
  service: string,
  { status, retryAfter, said }: { readonly status: number; readonly retryAfter: number | null; readonly said: string },
  waiting: Waiting,
): Refused {
  const message = `${service} answers ${status}${said === '' ? '' : `: ${said}`}`;
  if (waiting === 'background') return new Refused('repository_unavailable', message, background(status), status);
  if (status === 401 || status === 403)
    return new Refused('unauthorized', `${service} refuses these credentials.`, 'Sign in again, or register.', status);
  if (status === 429) {
    const remedy = `Try again in ${Math.ceil(retryAfter ?? usualSeconds)} seconds.`;
    return new Refused('too_many_requests', `Maximum request rate exceeded for ${service}.`, remedy, status);
  }
  if (status >= 500) return new Refused('unavailable', `${service} answers ${status}.`, later, status);
  return new Refused(
    'repository_inconsistent',
    `${service} answers ${status}.`,
    'Tell the operators of the catalog.',
    status,
  );
}

/** No whole answer in time, or none at all. */
export function noAnswer(service: string, why: string, waiting: Waiting): Refused {
  const code = waiting === 'background' ? 'repository_unavailable' : 'unavailable';
  return new Refused(code, `${service} gives no answer: ${why}`, later, null);
}

/** An answer that isn't what it should be: a page of somebody between, or another version of the service. */
export function notUnderstood(service: string, what: string, waiting: Waiting): Refused {
  const code = waiting === 'background' ? 'repository_unavailable' : 'repository_inconsistent';
  return new Refused(code, `${service} answers with something else than ${what}`, 'Make sure of its URL.', 200);
}

const usualSeconds = 5;
const later = 'Try again later.';

function background(status: number): string {
  if (status === 401) return 'Register the account by `lazuli tdr register`; ingest goes on by itself.';
  if (status === 403 || status === 404)
    return 'Give the account access to the snapshot, or correct the source; `lazuli tdr check` tells which. Ingest goes on by itself.';
  return 'Ingest goes on by itself.';
}

/** What failed, without URLs, addresses or anything that was sent. */
export function errorCodeOf(error: unknown): string {
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: { readonly code?: unknown } };
  const found = [cause?.code, code].find((one) => typeof one === 'string' && /^[A-Z_]{3,40}$/.test(one));
  return found === undefined ? 'the connection ended' : String(found);
}
