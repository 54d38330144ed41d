import { Command } from 'commander';
import { type Environment, secretOf } from '../../core/config/environment.ts';
import { LazuliError } from '../../core/config/errors.ts';
import { deploymentPattern } from '../../core/config/search-names.ts';
import { openSearchCluster } from '../../transform/sink/search-cluster.ts';
import { put } from '../bootstrap/answers.ts';
import { removeOthers } from '../bootstrap/others.ts';
import { deploymentRequests, domainRequest, type Passwords } from '../bootstrap/security.ts';
import type { Output } from '../output.ts';
import { loadSettings, type SettingsOptions, withSettings } from '../settings.ts';

interface BootstrapOptions extends SettingsOptions {
  readonly tenant: readonly string[];
  readonly removeOthers?: true;
}

/** `lazuli bootstrap`: what a search domain needs before the workers of deployments can use it. */
export function bootstrapCommand(output: Output): Command {
  const command = new Command('bootstrap')
    .description("Make deployments' users and roles in a search domain, as its master user; may be repeated.")
    .option('--tenant <deployment...>', 'other deployments that share the domain', [])
    .option('--remove-others', 'remove users, roles and indices of deployments that are neither this one nor tenants')
    .addHelpText(
      'after',
      `
Passwords are those of LAZULI_WRITER_PASSWORD and LAZULI_READER_PASSWORD; of a tenant 'ann' those of
LAZULI_ANN_WRITER_PASSWORD and LAZULI_ANN_READER_PASSWORD.

Examples:
  lazuli bootstrap --config /etc/lazuli.json
  lazuli bootstrap --config /etc/lazuli.json --tenant ann bob --remove-others`,
    );
  return withSettings(command).action(async (options: BootstrapOptions) => {
    const { deployment, opensearch } = await loadSettings(options);
    const tenants = options.tenant.map(expectName);
    const requests = [
      domainRequest,
      ...deploymentRequests(deployment, passwordsOf('LAZULI')),
      ...tenants.flatMap((tenant) => deploymentRequests(tenant, passwordsOf(`LAZULI_${tenant.toUpperCase()}`))),
    ];
    const cluster = openSearchCluster(opensearch.url);
    try {
      for (const { path, body } of requests) {
        output.out(`${await put(cluster, path, body)} ${path}`);
      }
      if (!options.removeOthers) return;
      await removeOthers(cluster, [deployment, ...tenants], (path) => output.out(`removed ${path}`));
    } finally {
      await cluster.close();
    }
  });
}

function expectName(tenant: string): string {
  if (deploymentPattern.test(tenant)) return tenant;
  throw new LazuliError('usage', `'${tenant}' can't be the name of a deployment.`, {
    remedy: 'Give a lower-case letter, then 1 to 16 lower-case letters or digits.',
  });
}

const passwordsOf = (prefix: string): Passwords => ({
  writer: required(process.env, `${prefix}_WRITER_PASSWORD`),
  reader: required(process.env, `${prefix}_READER_PASSWORD`),
});

function required(environment: Environment, variable: string): string {
  const secret = secretOf(environment, variable);
  if (secret !== null) return secret;
  throw new LazuliError('configuration_invalid', `The environment variable ${variable} is missing.`, {
    remedy: 'Set it to the password of that user, or name a file that holds it in the variable with _FILE.',
  });
}
