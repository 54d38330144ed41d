import { LazuliError } from '../../core/config/errors.ts';
import { forBash } from '../../core/exports/command-lines.ts';
import type { Clock } from '../../core/runtime/ports.ts';
import type { Token } from '../manifest/token.ts';
import { type Kept, KeptSignIn } from './kept.ts';
import { alone } from './lock.ts';
import { openProvider, refreshed, type Tokens } from './provider.ts';

/** A token that ends sooner is renewed before it is used. */
const marginMillis = 60_000;

interface Waiting {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * The token of whoever is signed in to a service, renewed where it ends soon.
 *
 * @param service without a slash at the end
 * @returns null where nobody is signed in
 * @throws LazuliError `unauthorized` where one has to sign in again; `unavailable` where the provider can't be asked
 */
export async function signedInToken(service: string, waiting: Waiting): Promise<Token | null> {
  const own = new KeptSignIn(service);
  const found = own.read();
  if (found === null) return null;
  const token = lasts(found.kept, waiting.clock) ? found.token : await renewed(own, waiting);
  return { text: token, shell: `$(cat ${forBash(own.tokenFile)})` };
}

/** Keeps what a person has got by signing in. */
export function keep(own: KeptSignIn, of: Pick<Kept, 'issuer' | 'clientId'>, tokens: Tokens, clock: Clock): Kept {
  const expires = tokens.seconds === null ? null : clock.now() + tokens.seconds * 1000;
  const { issuer, clientId } = of;
  const kept = { service: own.service, issuer, clientId, refresh: tokens.refresh, expires };
  own.write(kept, tokens.access);
  return kept;
}

const lasts = ({ expires }: Kept, clock: Clock): boolean => expires === null || expires - clock.now() > marginMillis;

function renewed(own: KeptSignIn, { clock, signal }: Waiting): Promise<string> {
  return alone(`${own.folder}.renewing`, clock, signal, async () => {
    const found = own.read();
    if (found === null) throw ended(own.service);
    const { kept, token } = found;
    // Another command may have been faster.
    if (lasts(kept, clock)) return token;
    if (kept.refresh === null) {
      // It is good up to its end.
      if (kept.expires !== null && kept.expires > clock.now()) return token;
      throw ended(own.service);
    }
    const provider = await openProvider(kept.issuer, kept.clientId, signal);
    const tokens = await refreshed(provider, kept.refresh, signal);
    // Most providers give another one only where they take the former back.
    keep(own, kept, { ...tokens, refresh: tokens.refresh ?? kept.refresh }, clock);
    return tokens.access;
  });
}

const ended = (service: string): LazuliError =>
  new LazuliError('unauthorized', `You are not signed in to ${service} any more.`, {
    remedy: `Sign in again with \`lazuli login --url ${service}\`, or forget it with \`lazuli logout\` to ask as nobody in particular.`,
  });
