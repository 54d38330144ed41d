import '../../plugins/outside/contract-hook.ts';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { LazuliError } from '../../core/config/errors.ts';
import { textOf } from '../../core/config/text.ts';

/** How tests of a folder came out. */
export interface Tested {
  readonly passed: number;
  readonly failed: number;
}

/**
 * Runs the tests of a folder, as `node --test` finds them, in this process: so they run on the Node that Lazuli runs on,
 * and import the contract as plug-ins do.
 *
 * @param print called with each line
 * @throws LazuliError `usage` where there are none
 */
export async function testFolder(folder: string, print: (line: string) => void): Promise<Tested> {
  const counts = { passed: 0, failed: 0 };
  const events = run({ cwd: folder, isolation: 'none' });
  events.on('test:pass', () => counts.passed++);
  events.on('test:fail', () => counts.failed++);
  let rest = '';
  for await (const chunk of events.compose(spec)) {
    const lines = `${rest}${typeof chunk === 'string' ? chunk : textOf(chunk)}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) print(line);
  }
  if (rest !== '') print(rest);
  if (counts.passed + counts.failed === 0)
    throw new LazuliError('usage', `${folder} has no tests.`, { remedy: 'Write some into a file called *.test.ts.' });
  return counts;
}
