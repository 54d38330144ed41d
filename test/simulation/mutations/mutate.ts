import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { clone } from '../../../cli/clone.ts';
import { mutated, mutations } from './mutations.ts';

/*
 * To be imported before anything else (`node --import`): the process, and those that it starts in the same way, run with
 * the fault that LAZULI_TEST_MUTATION names. Nothing in the product knows of it.
 */
const mutation = mutations.find(({ name }) => name === process.env.LAZULI_TEST_MUTATION);
if (mutation === undefined) throw new Error(`No mutation is called ${process.env.LAZULI_TEST_MUTATION}`);
const target = pathToFileURL(join(clone, mutation.file)).href;

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    return url === target ? { ...loaded, source: mutated(String(loaded.source), mutation) } : loaded;
  },
});
