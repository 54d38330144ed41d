#!/usr/bin/env node
import { randomInt } from 'node:crypto';
import { launch } from './launch.js';

/** `--long`: property and fuzz tests at full size; everything else goes to mocha, such as files or --grep. */
const args = process.argv.slice(2);
const rest = args.filter((arg) => arg !== '--long');
if (args.includes('--long')) process.env.LAZULI_TEST_LONG = '1';
process.env.LAZULI_SEED ??= String(randomInt(2 ** 31));
console.log(
  `property tests: seed ${process.env.LAZULI_SEED} (LAZULI_SEED), ${args.includes('--long') ? 'full size' : 'a twentieth of their size'}`,
);
const named = rest.some((arg) => arg.endsWith('.ts'));

await launch(
  ['cli/engines/jars.ts'],
  [
    'node_modules/mocha/bin/mocha.js',
    '--reporter',
    'test/summary.ts',
    ...rest,
    ...(named ? [] : ['test/**/*.test.ts']),
  ],
);
