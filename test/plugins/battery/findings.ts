import { expect } from 'chai';
import type { Finding } from '../../../plugins/battery/finding.ts';

/** Expects that nothing was found. */
export async function expectNone(findings: AsyncIterable<Finding> | Iterable<Finding>): Promise<void> {
  const found: Finding[] = [];
  for await (const one of findings) found.push(one);
  expect(found).to.deep.equal([]);
}
