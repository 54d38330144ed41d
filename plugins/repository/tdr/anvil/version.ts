/** All bundles and entities have this one (specification, plugin-anvil 1). */
export const version = '2022-06-01T00:00:00.000000Z';
