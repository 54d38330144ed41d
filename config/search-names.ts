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
