import { addAbortListener } from 'node:events';
import { NodeHttpHandler, type NodeHttpHandlerOptions } from '@smithy/node-http-handler';

/**
 * Sends requests and gives up those that have no whole answer in time: its time limit holds up to the last byte, where that
 * of the SDK ends with the headers. What is given up ends with a `TimeoutError`, and so does its connection.
 */
export class DeadlineHandler extends NodeHttpHandler {
  readonly #millis: number;

  /** @param millis from the request on */
  constructor(millis: number, options: NodeHttpHandlerOptions) {
    super({ ...options, requestTimeout: millis, throwOnRequestTimeout: true });
    this.#millis = millis;
  }

  override async handle(...request: Parameters<NodeHttpHandler['handle']>): ReturnType<NodeHttpHandler['handle']> {
    const late = AbortSignal.timeout(this.#millis);
    const handled = await super.handle(...request);
    const { body } = handled.response;
    const giveUp = () => body.destroy(tooLate(this.#millis));
    const listening = addAbortListener(late, giveUp);
    body.once('close', () => listening[Symbol.dispose]());
    return handled;
  }
}

const tooLate = (millis: number): Error =>
  Object.assign(new Error(`No whole answer within ${millis} ms`), { name: 'TimeoutError' });
