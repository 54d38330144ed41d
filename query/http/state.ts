import type { ParameterizedContext } from 'koa';
import type { Logger } from 'pino';

/** What middleware hands to routes. */
export interface RequestState {
  requestId: string;
  log: Logger;
}

/** A request and its answer. */
export type Context = ParameterizedContext<RequestState>;
export type Next = () => Promise<unknown>;
