import type { ServerResponse } from 'node:http';
import type { Context, Next } from './state.ts';

/** Of answers that their callers haven't taken yet. */
const maxOutgoing = 64 * 2 ** 20;

/**
 * Bounds what waits for callers to take it: where that is too much, those lose their answers who have been taking them the longest.
 * Streams wait for their callers, and count nothing.
 */
export function outgoing(maxBytes = maxOutgoing) {
  /** the bytes of answers, in the order in which they began to be sent */
  const answers = new Map<ServerResponse, number>();
  let bytes = 0;
  const forget = (response: ServerResponse): void => {
    bytes -= answers.get(response) ?? 0;
    answers.delete(response);
  };
  const makeRoom = (): void => {
    for (const [response] of answers) {
      if (bytes <= maxBytes || answers.size === 1) return;
      forget(response);
      response.destroy();
    }
  };
  return async (ctx: Context, next: Next): Promise<void> => {
    await next();
    const { body, res } = ctx as { body: unknown; res: ServerResponse };
    if (res.destroyed || (!Buffer.isBuffer(body) && typeof body !== 'string')) return;
    answers.set(res, Buffer.byteLength(body));
    bytes += Buffer.byteLength(body);
    res.once('close', () => forget(res));
    makeRoom();
  };
}
