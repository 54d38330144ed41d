import * as oauth from 'oauth4webapi';
import { LazuliError } from '../../core/config/errors.ts';
import type { Clock } from '../../core/runtime/ports.ts';
import type { DeploymentSignIn } from './deployment.ts';
import { fromProvider, type Provider, type Tokens, tokensOf } from './provider.ts';

/** What a person is to do in a browser. */
export interface ToApprove {
  /** with the code in it, where the provider has such an address */
  readonly url: string;
  readonly code: string;
  /** for which the code is valid */
  readonly seconds: number;
}

interface Waiting {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** tells the person */
  readonly onAsked: (toApprove: ToApprove) => void;
}

/** Without it most providers give no token by which there will be others. */
const lasting = 'offline_access';
const usualSeconds = 5;
const longestSeconds = 60;

/**
 * Has a person sign in with a browser, here or on another device (RFC 8628), and waits for that.
 *
 * @throws LazuliError `forbidden` where the person says no or too late; `unavailable`
 */
export async function approved(
  provider: Provider,
  { scopes, parameters }: Pick<DeploymentSignIn, 'scopes' | 'parameters'>,
  waiting: Waiting,
): Promise<Tokens> {
  const { server, client, options } = provider;
  if (server.device_authorization_endpoint === undefined) throw noDevices(server.issuer);
  const lasts = server.scopes_supported?.includes(lasting) === true;
  const scope = [...new Set([...scopes, ...(lasts ? [lasting] : [])])].join(' ');
  const asked = await fromProvider(server.issuer, waiting.signal, async () => {
    const request = new URLSearchParams({ ...parameters, scope });
    const answer = await oauth.deviceAuthorizationRequest(server, client, oauth.None(), request, options);
    return oauth.processDeviceAuthorizationResponse(server, client, answer);
  }).catch((cause: unknown) => refuse(server.issuer, cause));
  const { verification_uri: plain, verification_uri_complete: complete, user_code: code, expires_in: seconds } = asked;
  waiting.onAsked({ url: complete ?? plain, code, seconds });
  return polled(provider, asked, waiting);
}

async function polled(
  provider: Provider,
  { device_code: code, interval = usualSeconds, expires_in: seconds }: oauth.DeviceAuthorizationResponse,
  { clock, signal }: Waiting,
): Promise<Tokens> {
  const { server, client, options } = provider;
  const ends = clock.now() + seconds * 1000;
  for (let rest = interval; clock.now() < ends; ) {
    await clock.sleep(Math.min(rest, longestSeconds) * 1000, signal);
    const answer = await fromProvider(server.issuer, signal, async () => {
      const given = await oauth.deviceCodeGrantRequest(server, client, oauth.None(), code, options);
      return tokensOf(await oauth.processDeviceCodeResponse(server, client, given));
    }).catch((cause: unknown) => stillWaiting(server.issuer, cause));
    if (typeof answer === 'object') return answer;
    if (answer === 'slow_down') rest += usualSeconds;
  }
  throw tooLate();
}

/** @throws what says that nothing is to be waited for */
function stillWaiting(issuer: string, cause: unknown): 'authorization_pending' | 'slow_down' {
  if (!(cause instanceof oauth.ResponseBodyError)) throw cause;
  if (cause.error === 'authorization_pending' || cause.error === 'slow_down') return cause.error;
  if (cause.error === 'expired_token') throw tooLate();
  return refuse(issuer, cause);
}

function refuse(issuer: string, cause: unknown): never {
  if (!(cause instanceof oauth.ResponseBodyError)) throw cause;
  if (cause.error === 'access_denied')
    throw new LazuliError('forbidden', `At ${issuer} somebody said no.`, { remedy: 'Run the command again.' });
  throw new LazuliError('unavailable', `The provider ${issuer} refuses the command line: ${cause.error}.`, {
    remedy: 'Tell whoever runs the service: its client for the command line needs the device flow, and no secret.',
    cause: new Error(cause.error_description ?? cause.error),
  });
}

const tooLate = (): LazuliError =>
  new LazuliError('forbidden', 'Nobody has signed in as long as the code was valid.', {
    remedy: 'Run the command again.',
  });

const noDevices = (issuer: string): LazuliError =>
  new LazuliError('unavailable', `The provider ${issuer} signs nobody in by a code.`, {
    remedy: 'Ask whoever runs the service for a token, and give it with --token-file or in LAZULI_TOKEN.',
  });
