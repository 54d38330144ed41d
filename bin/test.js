#!/usr/bin/env node
import { randomInt } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { launch } from './launch.js';

/** Property tests of full size take minutes each. */
const longMillis = 1_200_000;

/** An unrelated change never fails by chance: only the long run draws a seed. What it finds becomes a fixed case. */
const fixedSeed = 20_261_130;

/** Longer than anything that tests do without letting their process go on, such as installing Python packages. */
const silentMillis = 600_000;
/** For a process to end once it has said how. */
const endMillis = 60_000;

/** Engines of tests are many and live for seconds: what Java's second compiler and a collector with threads cost they never get back. */
const javaOptions = '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC';

/** `--long`: property and fuzz tests at full size; everything else goes to mocha, such as files or --grep. */
const args = process.argv.slice(2);
const rest = args.filter((arg) => arg !== '--long');
const isLong = args.includes('--long');
if (isLong) process.env.LAZULI_TEST_LONG = '1';
process.env.LAZULI_SEED ??= String(isLong ? randomInt(2 ** 31) : fixedSeed);
process.env.JDK_JAVA_OPTIONS ??= javaOptions;
console.log(
  `property tests: seed ${process.env.LAZULI_SEED} (LAZULI_SEED), ${isLong ? 'full size' : 'a fortieth of their size'}`,
);

/** @param {readonly string[]} which */
function mocha(which) {
  const timeout = isLong ? ['--timeout', String(longMillis)] : [];
  return ['node_modules/mocha/bin/mocha.js', '--reporter', 'test/summary.ts', ...timeout, ...rest, ...which];
}

const named = rest.some((arg) => arg.endsWith('.ts'));
const all = readdirSync(new URL('../test', import.meta.url), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts') && !file.startsWith('bench/'))
  .toSorted();
/** Every other file: neighbours, which are alike, take turns, so that each half has much the same to do. */
const halves = [0, 1].map((half) => mocha(all.filter((_, i) => i % 2 === half).map((file) => `test/${file}`)));

/** @type {(readonly number[])[]} what each half that came to its end has told: passed, failed, skipped */
const counts = [];
const sum = (/** @type {number} */ at) => counts.reduce((total, half) => total + (half[at] ?? 0), 0);
process.on('exit', () => {
  if (counts.length === halves.length) console.log(`${sum(0)} passed, ${sum(1)} failed, ${sum(2)} skipped`);
});
await launch(['cli/engines/jars.ts'], [named ? [mocha([])] : halves], {
  silentMillis,
  endMillis,
  told(message) {
    if (!Array.isArray(message)) return null;
    counts.push(message);
    return Number(message[1] > 0);
  },
});
