#!/usr/bin/env node
import { randomInt } from 'node:crypto';
import { launch } from './launch.js';

/** Property tests of full size take minutes each. */
const longMillis = 1_200_000;

/** `--long`: property and fuzz tests at full size; everything else goes to mocha, such as files or --grep. */
const args = process.argv.slice(2);
const rest = args.filter((arg) => arg !== '--long');
const isLong = args.includes('--long');
if (isLong) process.env.LAZULI_TEST_LONG = '1';
process.env.LAZULI_SEED ??= String(randomInt(2 ** 31));
console.log(
  `property tests: seed ${process.env.LAZULI_SEED} (LAZULI_SEED), ${isLong ? 'full size' : 'a twentieth of their size'}`,
);
const named = rest.some((arg) => arg.endsWith('.ts'));

await launch(
  ['cli/engines/jars.ts'],
  [
    'node_modules/mocha/bin/mocha.js',
    '--reporter',
    'test/summary.ts',
    ...(isLong ? ['--timeout', String(longMillis)] : []),
    ...rest,
    ...(named ? [] : ['test/**/*.test.ts']),
  ],
);
