import { readBody, requireJson } from '../core/http/body.ts';
import type { Context } from '../core/http/state.ts';
import type { Clock } from '../core/runtime/ports.ts';
import type { Answer, Answered } from './answered.ts';
import { callbackScheme, verifyCallback } from './callback-signature.ts';
import { type HmacKey, type HmacKeys, validKeys } from './hmac-key.ts';
import { type Signature, unsigned, verifySignature } from './verify.ts';

/** What finds out whether a request is signed, and whether it was answered before. */
export interface SigningDeps {
  /** as they are at the moment */
  readonly keys: () => HmacKeys;
  /** of signed requests */
  readonly answered: Pick<Answered, 'once'>;
  readonly limits: { readonly requestBytes: number; readonly signatureMillis: number };
  readonly clock: Pick<Clock, 'now'>;
}

/** Makes an answer of a body that was signed. */
type Act = (body: Buffer) => Promise<Answer>;

/**
 * Answers a signed request with what `act` makes of its body; if it was sent before, with the answer that it got then.
 *
 * @throws LazuliError `unauthorized`, `payload_too_large`, `unsupported_media_type`, `unavailable`, and what `act` throws
 */
export async function answerSigned(ctx: Context, deps: SigningDeps, act: Act): Promise<void> {
  if (ctx.get('Signature') === '') throw unsigned();
  const { method = '', headers, url: target = '' } = ctx.req;
  await answer(ctx, deps, act, (body) =>
    verifySignature({ method, target, headers: headers as Record<string, string>, body }, against(deps)),
  );
}

/** Whether a request is signed as data stores sign their callbacks. */
export const isCallback = (ctx: Context): boolean => ctx.get('Authorization').startsWith(callbackScheme);

/**
 * The same for a callback of a data store.
 *
 * @param secretsOf the secrets with which a store may sign that knows a key
 */
export async function answerCallback(
  ctx: Context,
  deps: SigningDeps,
  secretsOf: (key: HmacKey) => readonly HmacKey[],
  act: Act,
): Promise<void> {
  const { rawHeaders } = ctx.req;
  const { keys, ...rest } = against(deps);
  await answer(ctx, deps, act, (body) =>
    verifyCallback({ rawHeaders, body }, { ...rest, keys: keys.flatMap(secretsOf) }),
  );
}

async function answer(
  ctx: Context,
  { answered, limits }: SigningDeps,
  act: Act,
  verify: (body: Buffer) => Signature | Promise<Signature>,
): Promise<void> {
  const body = await readBody(ctx, { maxBytes: limits.requestBytes });
  const signature = await verify(body);
  requireJson(ctx);
  const { status, body: answer } = await answered.once(signature, () => act(body));
  ctx.status = status;
  ctx.body = answer;
}

const against = ({ keys, clock, limits }: SigningDeps) => ({
  keys: validKeys(keys()),
  now: clock.now(),
  window: limits.signatureMillis,
});
