/**
 * A plug-in of Pulumi's engine as a process: `plugin.ts <folder> [address of the engine]`. It prints the port at which
 * it listens on the loopback interface.
 */
import { main } from '@pulumi/pulumi/provider/index.js';
import { standIn } from './provider.ts';

const [folder = '', ...args] = process.argv.slice(2);
await main(standIn(folder), args);
