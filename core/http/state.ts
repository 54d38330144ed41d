import type { ParameterizedContext } from 'koa';
import type { Logger } from '../runtime/logger.ts';

/** What middleware hands to routes. */
export interface RequestState {
  requestId: string;
  /** says the id of the request in every line */
  log: Logger;
  /** aborts when nobody waits for the answer any more: who asked has left, or its time is over */
  signal: AbortSignal;
}

/** A request and its answer. */
export type Context = ParameterizedContext<RequestState>;
export type Next = () => Promise<unknown>;

/**
 * `operators`: people and processes of our own on this host, who need no credentials. So pages of other origins may not
 * call. Calls are not logged, as progress displays ask every second.
 */
export type Audience = 'everyone' | 'operators';
