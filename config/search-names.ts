const deploymentName = '[a-z][a-z0-9]{1,16}';

/**
 * Names of a deployment's users in its search domain, also of their roles: one for workers that write,
 * one for those that only search.
 */
export const searchUsers = (deployment: string) => ({
  writer: `lazuli_${deployment}_writer`,
  reader: `lazuli_${deployment}_reader`,
});

/** With what the names of all indices and aliases of a deployment begin; no other's do. */
export const indexPrefix = (deployment: string): string => `lazuli_${deployment}_`;

/** @returns null where the name isn't that of a deployment's user or role */
export const deploymentOfUser = (name: string): string | null =>
  new RegExp(`^lazuli_(${deploymentName})_(?:writer|reader)$`).exec(name)?.[1] ?? null;

/** @returns null where the name isn't that of a deployment's index */
export const deploymentOfIndex = (name: string): string | null =>
  new RegExp(`^lazuli_(${deploymentName})_.`).exec(name)?.[1] ?? null;

/** Whether a deployment may be called so. */
export const isDeploymentName = (name: string): boolean => new RegExp(`^${deploymentName}$`).test(name);
