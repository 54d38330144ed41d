import { registerHooks } from 'node:module';

/** By this name plug-ins import the contract, wherever they are. */
const contractName = 'lazuli/plugin';
const contract = new URL('../contract.ts', import.meta.url).href;

/**
 * From when this is loaded `lazuli/plugin` is the contract of this very process, whatever `node_modules` of a plug-in
 * holds: a second copy would have a `LazuliError` of its own, which nobody here knows.
 */
registerHooks({
  resolve: (name, context, next) =>
    name === contractName ? { url: contract, shortCircuit: true } : next(name, context),
});
