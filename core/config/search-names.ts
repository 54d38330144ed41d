const deploymentName = '[a-z][a-z0-9]{1,16}';
const ofUser = new RegExp(`^lazuli_(${deploymentName})_(?:writer|reader)$`);
const ofIndex = new RegExp(`^lazuli_(${deploymentName})_.`);

/** What a deployment may be called. */
export const deploymentPattern = new RegExp(`^${deploymentName}$`);

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
export const deploymentOfUser = (name: string): string | null => ofUser.exec(name)?.[1] ?? null;

/** @returns null where the name isn't that of a deployment's index */
export const deploymentOfIndex = (name: string): string | null => ofIndex.exec(name)?.[1] ?? null;
