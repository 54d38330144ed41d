/** Why a bundle can't be put together. */
export class BundleProblem extends Error {}
