#!/usr/bin/env node
// The smoke test of a stack: `infra/smoke.js STACK [COMMIT [SECONDS]]`, by Node 24. Ends with 0 where all is
// well; see docs/deploying.md.
import { printableLines } from '../core/config/printable.ts';
import { SmokeFailure } from './smoke/failure.ts';
import { smoke } from './smoke/smoke.ts';

const [stack, commit, seconds = '600'] = process.argv.slice(2);
if (stack === undefined || !/^\d+$/.test(seconds)) {
  console.error('usage: infra/smoke.js STACK [COMMIT [SECONDS TO WAIT]]');
  process.exitCode = 2;
} else {
  try {
    // What is printed may quote answers of what was deployed, and it goes to a terminal.
    await smoke({ stack, commit, waitMillis: 1000 * seconds, tell: (line) => console.log(printableLines(line)) });
    console.log(`the smoke test of ${stack} passed`);
  } catch (error) {
    if (!(error instanceof SmokeFailure)) throw error;
    console.error(printableLines(`the smoke test of ${stack} failed\n${error.message}\nremedy: ${error.remedy}`));
    process.exitCode = 1;
  }
}
