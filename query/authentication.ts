import type { Settings } from '../core/config/settings.ts';
import type { Authentication } from '../core/model/authentication.ts';
import { authenticationPlugin } from '../plugins/registry.ts';

/** The configured authentication. @throws LazuliError `configuration_invalid` */
export async function openAuthentication({ authentication }: Settings): Promise<Authentication> {
  const { name, ...options } = authentication;
  return (await authenticationPlugin(name)).open(options);
}
