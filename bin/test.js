#!/usr/bin/env node
import { randomInt } from 'node:crypto';
import { launch } from './launch.js';

/** Property tests of full size take minutes each. */
const longMillis = 1_200_000;

/**
 * At full size, rooms whose tests take a core each and little of another one go on side by side, when all others are
 * done: of those some look at the pace of things.
 */
const sideBySide = [
  ['simulation', 'query', 'parity'],
  ['transform', 'plugins', 'ingest'],
];

/** An unrelated change never fails by chance: only the long run draws a seed. What it finds becomes a fixed case. */
const fixedSeed = 20_261_130;

/** `--long`: property and fuzz tests at full size; everything else goes to mocha, such as files or --grep. */
const args = process.argv.slice(2);
const rest = args.filter((arg) => arg !== '--long');
const isLong = args.includes('--long');
if (isLong) process.env.LAZULI_TEST_LONG = '1';
process.env.LAZULI_SEED ??= String(isLong ? randomInt(2 ** 31) : fixedSeed);
console.log(
  `property tests: seed ${process.env.LAZULI_SEED} (LAZULI_SEED), ${isLong ? 'full size' : 'a twentieth of their size'}`,
);
const all = ['test/**/*.test.ts'];

/** @param {readonly string[]} which */
function mocha(which) {
  const timeout = isLong ? ['--timeout', String(longMillis)] : [];
  return ['node_modules/mocha/bin/mocha.js', '--reporter', 'test/summary.ts', ...timeout, ...rest, ...which];
}

/** @param {readonly string[]} rooms */
const inRooms = (rooms) => rooms.map((room) => `test/${room}/**/*.test.ts`);

const others = [...inRooms(sideBySide.flat()).flatMap((files) => ['--ignore', files]), ...all];
const parts = [[mocha(others)], sideBySide.map((rooms) => mocha(inRooms(rooms)))];
const named = rest.some((arg) => arg.endsWith('.ts'));
const inParts = isLong && rest.length === 0;

let totals = [0, 0, 0];
if (inParts)
  process.on('exit', () => console.log(`in all: ${totals[0]} passed, ${totals[1]} failed, ${totals[2]} skipped`));
await launch(['cli/engines/jars.ts'], inParts ? parts : [[mocha(named ? [] : all)]], (counts) => {
  totals = totals.map((total, i) => total + /** @type {number[]} */ (counts)[i]);
});
