#!/usr/bin/env node
// The smoke test of a stack: `infra/smoke.js STACK [COMMIT [SECONDS]]`, by Node 24. Ends with 0 where all is
// well; see docs/deploying.md.
import { printable } from '../config/printable.ts';
import { SmokeFailure } from './smoke/failure.ts';
import { smoke } from './smoke/smoke.ts';

/** Answers of what was deployed may be in it, and it goes to a terminal. */
const lines = (text) => text.split('\n').map(printable).join('\n');

const [stack, commit, seconds = '600'] = process.argv.slice(2);
if (stack === undefined || !/^\d+$/.test(seconds)) {
  console.error('usage: infra/smoke.js STACK [COMMIT [SECONDS TO WAIT]]');
  process.exitCode = 2;
} else {
  try {
    await smoke({ stack, commit, waitMillis: 1000 * seconds, tell: (line) => console.log(lines(line)) });
    console.log(`the smoke test of ${stack} passed`);
  } catch (error) {
    if (!(error instanceof SmokeFailure)) throw error;
    console.error(lines(`the smoke test of ${stack} failed\n${error.message}\nremedy: ${error.remedy}`));
    process.exitCode = 1;
  }
}
