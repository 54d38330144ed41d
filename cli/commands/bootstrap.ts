import { Command } from 'commander';
import { type Environment, secretOf } from '../../config/environment.ts';
import { LazuliError } from '../../config/errors.ts';
import { openSearchCluster } from '../../transform/sink/search-cluster.ts';
import { bootstrapRequests } from '../bootstrap/security.ts';
import type { Output } from '../output.ts';
import { loadSettings, type SettingsOptions, withSettings } from '../settings.ts';

/** `lazuli bootstrap`: what a search domain needs before a deployment's workers can use it. */
export function bootstrapCommand(output: Output): Command {
  const command = new Command('bootstrap')
    .description("Make a deployment's users and roles in a search domain, as its master user; may be repeated.")
    .addHelpText(
      'after',
      `
Passwords are those of LAZULI_WRITER_PASSWORD and LAZULI_READER_PASSWORD.

Examples:
  lazuli bootstrap --config /etc/lazuli.json`,
    );
  return withSettings(command).action(async (options: SettingsOptions) => {
    const { deployment, opensearch } = loadSettings(options);
    const passwords = {
      writer: required(process.env, 'LAZULI_WRITER_PASSWORD'),
      reader: required(process.env, 'LAZULI_READER_PASSWORD'),
    };
    const cluster = openSearchCluster(opensearch.url);
    try {
      for (const { path, body } of bootstrapRequests(deployment, passwords)) {
        const { status, body: answer } = await cluster.request('PUT', path, body);
        if (status >= 300) throw refused(path, status, answer);
        output.out(`${status} ${path}`);
      }
    } finally {
      await cluster.close();
    }
  });
}

function required(environment: Environment, variable: string): string {
  const secret = secretOf(environment, variable);
  if (secret !== null) return secret;
  throw new LazuliError('configuration_invalid', `The environment variable ${variable} is missing.`, {
    remedy: 'Set it to the password of that user, or name a file that holds it in the variable with _FILE.',
  });
}

function refused(path: string, status: number, answer: unknown): LazuliError {
  return new LazuliError(
    'index_unavailable',
    `OpenSearch answered ${status} to PUT ${path}: ${JSON.stringify(answer)?.slice(0, 500)}`,
    {
      remedy: 'Check that the domain has fine-grained access control, and that the user is its master user.',
    },
  );
}
