import { LazuliError } from '../../core/config/errors.ts';
import { jsonOrNothing } from '../../core/config/text.ts';
import { resourceMetadata, resourcePath } from '../../query/routes/sign-in.ts';

/** How one signs in to a deployment with the command line. */
export interface DeploymentSignIn {
  readonly issuer: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly parameters: Readonly<Record<string, string>>;
}

const answerMillis = 10_000;
const maxCharacters = 100_000;

/**
 * Asks the service of a deployment.
 *
 * @param service without a slash at the end
 * @throws LazuliError `unavailable`; `not_found` where nobody can sign in
 */
export async function signInOf(service: string, signal: AbortSignal): Promise<DeploymentSignIn> {
  const { status, text } = await answered(service, signal);
  if (status === 404) throw noSignIn(service);
  const found = resourceMetadata.safeParse(jsonOrNothing(text.slice(0, maxCharacters))).data;
  if (status !== 200 || found === undefined) throw strange(service, status);
  const { lazuli_command_line: own, authorization_servers: [issuer] = [] } = found;
  if (own === undefined || issuer === undefined) throw noSignIn(service);
  return { issuer, clientId: own.client_id, scopes: own.scopes, parameters: own.parameters };
}

async function answered(service: string, signal: AbortSignal) {
  const ended = AbortSignal.any([signal, AbortSignal.timeout(answerMillis)]);
  try {
    const answer = await fetch(service + resourcePath, { redirect: 'manual', signal: ended });
    return { status: answer.status, text: await answer.text() };
  } catch (cause) {
    signal.throwIfAborted();
    throw new LazuliError('unavailable', `The service does not answer at ${new URL(service).origin}.`, {
      remedy: 'Start it, or name another one with --url.',
      cause: (cause as Error).cause ?? cause,
    });
  }
}

const noSignIn = (service: string): LazuliError =>
  new LazuliError('not_found', `Nobody can sign in to ${service} with the command line.`, {
    remedy: 'Ask whoever runs it for a token, and give it with --token-file or in LAZULI_TOKEN.',
  });

const strange = (service: string, status: number): LazuliError =>
  new LazuliError('unavailable', `${service} can't tell how to sign in: it answered ${status}.`, {
    remedy: 'Make sure that the URL is that of a search service of Lazuli; then try again in a few seconds.',
  });
