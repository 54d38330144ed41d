import { Command } from 'commander';
import { peerUrl } from '../../core/config/peers.ts';
import { systemClock } from '../../core/runtime/clock.ts';
import type { Clock } from '../../core/runtime/ports.ts';
import { untilAskedToEnd } from '../asked-to-end.ts';
import { type Output, printResult } from '../output.ts';
import { serviceUrl } from '../service-url.ts';
import { loadSettings, type SettingsOptions, withSettings } from '../settings.ts';
import { signInOf } from '../sign-in/deployment.ts';
import { approved, type ToApprove } from '../sign-in/device.ts';
import { KeptSignIn } from '../sign-in/kept.ts';
import { openProvider, revoked } from '../sign-in/provider.ts';
import { keep } from '../sign-in/signed-in.ts';

interface Options extends SettingsOptions {
  readonly url?: string;
  readonly json?: true;
}

/** `lazuli login`: the command line acts for a person from now on. */
export function loginCommand(output: Output): Command {
  const command = new Command('login')
    .description('Sign in to a deployment with a browser, here or on another device.')
    .option('--url <url>', 'of the service (default: that of the deployment)', serviceUrl)
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
Commands that ask the service act for you from then on, unless they are given another token. The token is kept in your
configuration folder, for you alone to read, and is renewed while the provider allows it. The service gets it, so sign in
only to deployments that you trust.

Examples:
  lazuli login --url https://service.example`,
    );
  return withSettings(command).action((options: Options) =>
    untilAskedToEnd((signal) => login(options, { clock: systemClock, signal, output })),
  );
}

/** `lazuli logout`: it doesn't any more. */
export function logoutCommand(output: Output): Command {
  const command = new Command('logout')
    .description('Sign out of a deployment: forget the token, and have the provider take it back.')
    .option('--url <url>', 'of the service (default: that of the deployment)', serviceUrl)
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
Examples:
  lazuli logout --url https://service.example`,
    );
  return withSettings(command).action((options: Options) =>
    untilAskedToEnd((signal) => logout(options, signal, output)),
  );
}

/** What signing in needs of the world. */
export interface LoginWith {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly output: Output;
}

const serviceOf = async (options: Options): Promise<string> =>
  options.url ?? peerUrl(await loadSettings(options), 'query');

/** @throws LazuliError that says why nobody is signed in now */
export async function login(options: Options, { clock, signal, output }: LoginWith): Promise<void> {
  const service = await serviceOf(options);
  const how = await signInOf(service, signal);
  const provider = await openProvider(how.issuer, how.clientId, signal);
  const onAsked = ({ url, code, seconds }: ToApprove): void => {
    output.err(`To let the command line act for you at ${service}, open`);
    output.err(`  ${url}`);
    output.err(`and make sure that it shows the code ${code}. It is valid for ${Math.ceil(seconds / 60)} minutes.`);
  };
  const tokens = await approved(provider, how, { clock, signal, onAsked });
  const { issuer, refresh, expires } = keep(new KeptSignIn(service), how, tokens, clock);
  const until = expires === null ? null : new Date(expires).toISOString();
  const lasts = refresh === null && until !== null ? `, until ${until}` : '';
  printResult(
    output,
    options.json,
    { service, issuer, expires: until, renewed: refresh !== null },
    `signed in to ${service}${lasts}`,
  );
}

async function logout(options: Options, signal: AbortSignal, output: Output): Promise<void> {
  const service = await serviceOf(options);
  const own = new KeptSignIn(service);
  const found = own.read();
  own.remove();
  if (found === null) {
    printResult(output, options.json, { service, signedOut: false }, `nobody was signed in to ${service}`);
    return;
  }
  const { kept, token } = found;
  const takenBack = await openProvider(kept.issuer, kept.clientId, signal)
    .then((provider) => revoked(provider, kept.refresh ?? token, signal))
    .catch((error: Error) => {
      output.err(`The provider ${kept.issuer} was not told: ${error.message}`);
      return false;
    });
  printResult(output, options.json, { service, signedOut: true, takenBack }, `signed out of ${service}`);
}
