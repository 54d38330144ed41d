/** What the data store answers to a request. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON; undefined: no body */
  readonly body?: unknown;
}

/** An answer with JSON. */
export const answered = (status: number, body?: unknown, headers: Readonly<Record<string, string>> = {}): Answer => ({
  ...{ status, headers },
  ...(body === undefined ? {} : { body }),
});

/** What the store refuses, with its code (specification, dss 2). */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, title: string = code, headers: Readonly<Record<string, string>> = {}) {
    super(title);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }

  get answer(): Answer {
    const { status, code, message: title } = this;
    const again = status >= 500 ? { 'Retry-After': '10' } : {};
    const headers = { 'Content-Type': 'application/problem+json', ...again, ...this.headers };
    return { status, headers, body: { status, code, title, stacktrace: '' } };
  }
}

export const illegal = (title: string): Problem => new Problem(400, 'illegal_arguments', title);
export const notFound = (title: string): Problem => new Problem(404, 'not_found', title);

/** A request, its body parsed. */
export interface Asked {
  readonly method: string;
  readonly url: URL;
  /** parts of the path that the route names */
  readonly parts: Readonly<Record<string, string>>;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

/** A parameter of the query that there must be. */
export function required({ url }: Asked, name: string): string {
  const value = url.searchParams.get(name);
  if (value === null) throw illegal(`Missing query parameter '${name}'`);
  return value;
}

/** The replica, of which this store has one. */
export function replicaOf(asked: Asked): string {
  const replica = required(asked, 'replica');
  if (replica !== 'aws') throw illegal(`'${replica}' is not one of ['aws']`);
  return replica;
}

const versionPattern = /^\d{4}-\d\d-\d\dT\d{6}\.\d{6}Z$/;

/** @returns null where none is given */
export function versionOf({ url }: Asked): string | null {
  const version = url.searchParams.get('version');
  if (version !== null && !versionPattern.test(version)) throw new Problem(400, 'illegal_version', version);
  return version;
}

/** A moment as the store writes versions. @param millis since the epoch */
export const versionAt = (millis: number, micros = 0): string =>
  new Date(millis)
    .toISOString()
    .replaceAll(':', '')
    .replace('Z', `${String(micros).padStart(3, '0')}Z`);
