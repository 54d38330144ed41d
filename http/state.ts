import type { ParameterizedContext } from 'koa';
import type { Logger } from '../streams/logger.ts';

/** What middleware hands to routes. */
export interface RequestState {
  requestId: string;
  /** says the id of the request in every line */
  log: Logger;
}

/** A request and its answer. */
export type Context = ParameterizedContext<RequestState>;
export type Next = () => Promise<unknown>;
