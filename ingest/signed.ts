import { readBody, requireJson } from '../core/http/body.ts';
import type { Context } from '../core/http/state.ts';
import type { Clock } from '../core/runtime/ports.ts';
import type { Answer, Answered } from './answered.ts';
import type { HmacKey } from './hmac-key.ts';
import { unsigned, verifySignature } from './verify.ts';

/** What finds out whether a request is signed, and whether it was answered before. */
export interface SigningDeps {
  readonly key: HmacKey;
  /** of signed requests */
  readonly answered: Pick<Answered, 'once'>;
  readonly limits: { readonly requestBytes: number; readonly signatureMillis: number };
  readonly clock: Pick<Clock, 'now'>;
}

/**
 * Answers a signed request with what `act` makes of its body; if it was sent before, with the answer that it got then.
 *
 * @throws LazuliError `unauthorized`, `payload_too_large`, `unsupported_media_type`, `unavailable`, and what `act` throws
 */
export async function answerSigned(
  ctx: Context,
  { key, answered, limits, clock }: SigningDeps,
  act: (body: Buffer) => Promise<Answer>,
): Promise<void> {
  if (ctx.get('Signature') === '') throw unsigned();
  const body = await readBody(ctx, { maxBytes: limits.requestBytes });
  const { method = '', headers, url: target = '' } = ctx.req;
  const request = { method, target, headers: headers as Record<string, string>, body };
  const against = { key, now: clock.now(), window: limits.signatureMillis };
  const signature = await verifySignature(request, against);
  requireJson(ctx);
  const answer = await answered.once(signature, () => act(body));
  ctx.status = answer.status;
  ctx.body = answer.body;
}
