import type { Account } from './account.ts';

/** A request, with who makes it: null without a token, `'unknown'` with a wrong one. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly header: (name: string) => string | undefined;
  readonly body: Buffer;
  readonly account: Account | 'unknown' | null;
  /** what the groups of the route's pattern match */
  readonly parts: readonly string[];
}

/** `body` goes out as JSON, `bytes` as they are. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly bytes?: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Route = readonly [method: string, path: RegExp, answer: (asked: Asked) => Answer | Promise<Answer>];

export const json = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer => ({
  ...{ status, body, headers },
});

/** What the repository says where something is wrong (specification, tdr 2). */
export const wrong = (status: number, message: string): Answer => json(status, { message, errorDetail: [] });

/** Answers that many times for a route, and then no more. */
export type Fault =
  | { readonly status: number; readonly retryAfter?: string; readonly body?: unknown }
  /** no answer until the server ends */
  | 'hang'
  /** half of the body, and the end of the connection */
  | 'truncated'
  /** pages lack an item, or have one of the page before */
  | 'loses'
  | 'repeats';

interface Switched {
  readonly path: RegExp;
  readonly fault: Fault;
  left: number;
}

/** Faults by switch: each for paths, as often as wanted. */
export class Faults {
  #switched: Switched[] = [];

  set(path: RegExp, fault: Fault, times = Number.POSITIVE_INFINITY): void {
    this.#switched.push({ path, fault, left: times });
  }

  clear(): void {
    this.#switched = [];
  }

  take(path: string, isPage: boolean): Fault | null {
    const found = this.#switched.find(
      ({ path: pattern, fault, left }) =>
        left > 0 && pattern.test(path) && (fault === 'loses' || fault === 'repeats') === isPage,
    );
    if (found === undefined) return null;
    found.left--;
    return found.fault;
  }
}
