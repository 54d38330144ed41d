import { endWith } from './process-output.ts';
import { main } from './program.ts';

await endWith(main(process.argv.slice(2)));
